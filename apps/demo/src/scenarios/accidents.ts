import type { Random } from "@dp/core";
import type { ServiceProcess } from "../tree.ts";

/** One of them, by chance; undefined of none. */
export const anyOf = <T>(random: Random, from: readonly T[]): T | undefined =>
  from[Math.floor(random() * from.length)];

const taken = new WeakSet<ServiceProcess>();

/** An instance to end, by chance, that nobody is ending yet: otherwise two would come in its place. */
export const takeVictim = (
  random: Random,
  from: readonly ServiceProcess[],
): ServiceProcess | undefined => {
  const victim = anyOf(
    random,
    from.filter((each) => !taken.has(each)),
  );
  if (victim !== undefined) taken.add(victim);
  return victim;
};
