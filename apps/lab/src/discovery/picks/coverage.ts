import type { Contestant } from "./contestant.ts";

/** Picks for each instance within which every one has to be picked: enough for any that goes by chance. */
const picksEach = 100;

/** Throws unless every instance is picked, with new keys, before each could have been picked so often. */
export const checkCoverage = async (
  { name, create }: Contestant,
  size: number,
): Promise<void> => {
  const picker = await create(size);
  const seen = new Set<unknown>();
  for (let pick = 0; pick < picksEach * size && seen.size < size; pick++)
    seen.add(picker.use(`key-${pick}`));
  if (seen.size !== size || seen.has(undefined))
    throw new Error(`${name}: picked ${seen.size} of ${size} instances`);
};
