import type { Column } from "../table.ts";

export const memoryColumns: readonly Column[] = [
  { figure: "allowedNs", title: "allowed, ns", digits: 0, ratio: true },
  { figure: "refusedNs", title: "refused, ns", digits: 0, ratio: true },
  // One for each count of keys.
  { figure: "bytesPerKey", title: "bytes a key", digits: 0, each: true },
];

export const redisColumns: readonly Column[] = [
  { figure: "clientUs", title: "client CPU, µs", digits: 1, ratio: true },
  { figure: "perSecond", title: "decisions/s", digits: 0, ratio: true },
  { figure: "calls", title: "calls", digits: 3 },
  { figure: "commands", title: "commands", digits: 2 },
  { figure: "callUs", title: "µs in calls", digits: 1 },
  { figure: "serverUs", title: "Redis CPU, µs", digits: 1 },
];
