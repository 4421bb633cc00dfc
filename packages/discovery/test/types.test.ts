import { describe, expect, expectTypeOf, it } from "vitest";
import {
  discover,
  healthCheck,
  memoryRegistry,
  outlierDetection,
  subset,
  type Instance,
  type Lease,
} from "../src/index.ts";

interface Version {
  readonly version: string;
}

// Checked by the compiler (`types`); the run only shows that the values are what the types say.
describe("the type of an instance's metadata", () => {
  it("is the registry's, whatever checks know of it", async () => {
    await using registry = memoryRegistry();
    await using view = discover(registry, "users", {
      health: healthCheck.tcp(),
      outlier: outlierDetection(),
      subset: subset({ size: 1, seed: 1 }),
    });
    expectTypeOf<ReturnType<typeof view.pick>>().toEqualTypeOf<Lease>();
    expect(view.snapshot.instances).toEqual([]);
  });

  it("reaches a check of one's own without being named again", async () => {
    await using registry = memoryRegistry<Version>();
    await using view = discover(registry, "users", {
      health: healthCheck.custom((instance) => {
        expectTypeOf(instance).toEqualTypeOf<Instance<Version>>();
        return Promise.resolve();
      }),
    });
    expectTypeOf(view.snapshot.instances).toEqualTypeOf<
      readonly Instance<Version>[]
    >();
    expect(view.snapshot.instances).toEqual([]);
  });
});
