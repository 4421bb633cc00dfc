import { isDeepStrictEqual } from "node:util";
import type { Instance } from "../instance.ts";
import type { Change, RemovalCause } from "../watch-event.ts";

/** Whether two versions of an instance say the same, whatever their revisions. */
export const saysTheSame = <M>(one: Instance<M>, other: Instance<M>): boolean =>
  one === other ||
  isDeepStrictEqual({ ...one, revision: 0n }, { ...other, revision: 0n });

/**
 * What has to happen to turn one state into the other: removals first, then puts in the order of `after`. An instance
 * that says the same is no change, whatever its revision. O(n).
 */
export const changesBetween = <M>(
  before: ReadonlyMap<string, Instance<M>>,
  after: ReadonlyMap<string, Instance<M>>,
  why: RemovalCause,
): Change<M>[] => {
  const changes: Change<M>[] = [];
  for (const id of before.keys())
    if (!after.has(id)) changes.push({ op: "delete", id, why });
  for (const [id, instance] of after) {
    const held = before.get(id);
    if (held === undefined || !saysTheSame(held, instance))
      changes.push({ op: "put", instance });
  }
  return changes;
};
