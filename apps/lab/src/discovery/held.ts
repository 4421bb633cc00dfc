import { discover, memoryRegistry, type Lease } from "@dp/discovery";
import { heapBytes } from "../heap.ts";
import { named } from "../table.ts";
import type { Figures } from "../turns.ts";
import { balancers } from "./picks/balancers.ts";
import { specOf } from "./picks/instances.ts";

const count = 10_000;

/** Bytes an instance that the registry in memory holds, and that a view of it holds besides, once it has picked. */
export const heldBy = async (name: string): Promise<Figures> => {
  const { create, keyed } = named(balancers, name);
  const service = "items";
  const registry = memoryRegistry();
  // The first ones bring code and shapes along that all share.
  for (const [part, registered] of [
    ["warm-up", 10],
    [service, count],
  ] as const) {
    const before = heapBytes();
    for (let index = 0; index < registered; index++)
      await registry.register(specOf(part, index));
    const between = heapBytes();
    const view = discover(registry, part, { balancer: create() });
    await view.ready({ minimum: registered });
    const lease: Lease = view.pick(keyed ? { key: "any" } : undefined);
    lease.success(1);
    const after = heapBytes();
    if (part !== service) continue;
    const known = view.snapshot.instances.length;
    if (known !== count) throw new Error(`the view knows ${known} instances`);
    return {
      registryBytes: (between - before) / count,
      viewBytes: (after - between) / count,
    };
  }
  throw new Error("not measured");
};
