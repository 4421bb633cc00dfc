/** `memory.ts <kind>`, with --expose-gc: what so many breakers of one kind keep in memory, and how many timers run. */
import { idle } from "./idle.ts";

const count = 10_000;
const create = idle[process.argv[2] ?? ""];
const { gc } = globalThis;
if (create === undefined || gc === undefined)
  throw new Error(
    `node --expose-gc memory.ts <one of: ${Object.keys(idle).join(", ")}>`,
  );

const usedBytes = (): number => {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const timers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

// The first ones bring code and shapes along that all share.
const kept: unknown[] = Array.from({ length: 2 * count });
for (let index = 0; index < count; index++) kept[index] = create();
const beforeBytes = usedBytes();
const timersBefore = timers();
for (let index = count; index < 2 * count; index++) kept[index] = create();
process.stdout.write(
  JSON.stringify({
    bytes: Math.round((usedBytes() - beforeBytes) / count),
    timers: timers() - timersBefore,
    count: kept.length / 2,
  }),
);
// opossum keeps timers running.
process.exit(0);
