import { AsyncLocalStorage } from "node:async_hooks";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { hedge, pipeline } from "../index.ts";

describe("the runs of a hedge", () => {
  it("are all in the async context of their call, whoever's the timer is", async () => {
    const tenant = new AsyncLocalStorage<string>();
    const clock = new ManualClock();
    const guarded = pipeline({ clock }, hedge({ after: 100, max: 2 }));
    const seen: unknown[] = [];
    const answer = tenant.run("one", () =>
      guarded.run(({ attempt }) => {
        seen.push(tenant.getStore());
        return attempt === 3 ? "third" : new Promise(() => undefined);
      }),
    );
    await tenant.run("another", () => clock.advance(200));
    expect(await answer).toBe("third");
    expect(seen).toEqual(["one", "one", "one"]);
  });
});
