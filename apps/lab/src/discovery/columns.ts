import type { Column } from "../table.ts";

const ns = (figure: string, title: string): Column => ({
  figure,
  title,
  digits: 0,
});
const ms = (figure: string, title: string): Column => ({
  figure,
  title,
  digits: 2,
});

/** Ours: through a view, then the balancer alone, in nanoseconds. */
export const pickColumns: readonly Column[] = [
  ns("pick10", "10"),
  ns("pick1000", "1,000"),
  ns("pick10000", "10,000"),
  ns("alone10", "alone, 10"),
  ns("alone1000", "1,000"),
  ns("alone10000", "10,000"),
  ns("noop", "`await noop()`"),
  ns("call", "an awaited call"),
];

export const peerColumns: readonly Column[] = [
  ns("pick10", "10"),
  ns("pick1000", "1,000"),
];

/** Milliseconds. */
export const buildColumns: readonly Column[] = [
  ms("build100", "first, 100"),
  ms("build1000", "1,000"),
  ms("build10000", "10,000"),
  ms("member", "one less or more of 10,000"),
  ms("weight", "one weight of 10,000"),
];

export const heldColumns: readonly Column[] = [ns("viewBytes", "bytes")];

export const lagColumns: readonly Column[] = [
  ms("p50Ms", "p50, ms"),
  ms("p99Ms", "p99, ms"),
  ms("maxMs", "max, ms"),
  { figure: "cpuPercent", title: "CPU, % of a core", digits: 1 },
  { figure: "written", title: "changes", digits: 0 },
  { figure: "seen", title: "timed", digits: 0 },
];
