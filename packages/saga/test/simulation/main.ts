/**
 * Plays random sagas in worlds where everything goes wrong: `--seeds 100000` of them, from `--first 1` on; `--seed 17`
 * plays one again and prints all that happened in it. Exits 1 if something happened that must not.
 */
import { parseArgs } from "node:util";
import { playSeed, simulateRandomSagas } from "./random-sagas.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "5000" },
    first: { type: "string", default: "1" },
    seed: { type: "string" },
    /** Stops at the first violation. */
    stop: { type: "boolean", default: false },
  },
});

/** So many seeds are played before anything is said. */
const batch = values.stop ? 1 : 1_000;

const playOne = async (seed: number): Promise<number> => {
  const { trace, violations } = await playSeed(seed);
  console.log(trace.join("\n"));
  for (const what of violations) console.log(`VIOLATION ${what}`);
  return violations.length;
};

const playMany = async (first: number, seeds: number): Promise<number> => {
  let count = 0;
  for (let seed = first; seed < first + seeds; seed += batch) {
    const left = Math.min(batch, first + seeds - seed);
    const { states, deaths, violations } = await simulateRandomSagas(
      left,
      seed,
    );
    for (const { seed: at, what } of violations)
      console.log(`VIOLATION seed ${at}: ${what}`);
    count += violations.length;
    if (values.stop && count > 0) break;
    if (!values.stop)
      console.log(
        `seeds ${seed} to ${seed + left - 1}: ${JSON.stringify(states)}, ${deaths} deaths, ${violations.length} violations`,
      );
  }
  return count;
};

const violations =
  values.seed === undefined
    ? await playMany(Number(values.first), Number(values.seeds))
    : await playOne(Number(values.seed));
process.exitCode = violations === 0 ? 0 : 1;
