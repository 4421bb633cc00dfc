import type { Admin } from "./admin.ts";

/** One line of Prometheus text: `name{a="1",b="2"} 3`. */
export interface MetricLine {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of Prometheus text whose names are asked for. Labels hold no escaped quotes here. */
export const readMetrics = (
  text: string,
  names: readonly string[],
): readonly MetricLine[] =>
  text.split("\n").flatMap((line) => {
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    const name = match?.[1] ?? "";
    if (match === null || !names.includes(name)) return [];
    const labels = Array.from(
      (match[2] ?? "").matchAll(/([a-z_]+)="([^"]*)"/g),
      ([, key = "", value = ""]) => [key, value] as const,
    );
    return [
      {
        name,
        labels: Object.fromEntries(labels),
        value: Number(match[3]?.replace("Inf", "Infinity")),
      },
    ];
  });

const requests = "dp_gateway_requests_total";
const buckets = "dp_gateway_request_duration_seconds_bucket";
const breakerState = "dp_breaker_state";
const breakerCalls = "dp_breaker_calls_total";

interface Reading {
  readonly atMs: number;
  readonly answered: number;
  readonly refused: number;
  /** How many took at most so many seconds. */
  readonly within: ReadonlyMap<number, number>;
  readonly open: readonly string[];
}

const read = (text: string, atMs: number): Reading => {
  let answered = 0;
  let refused = 0;
  const within = new Map<number, number>();
  const open: string[] = [];
  const lines = readMetrics(text, [
    requests,
    buckets,
    breakerState,
    breakerCalls,
  ]);
  for (const { name, labels, value } of lines) {
    if (name === requests) answered += value;
    if (name === requests && labels["status"] === "429") refused += value;
    if (name === breakerCalls && labels["outcome"] === "refused")
      refused += value;
    if (name === breakerState && labels["state"] === "open" && value === 1)
      open.push(labels["breaker"] ?? "?");
    if (name === buckets) {
      const le = Number(labels["le"]?.replace("+Inf", "Infinity"));
      within.set(le, (within.get(le) ?? 0) + value);
    }
  }
  return { atMs, answered, refused, within, open };
};

/** The upper end of the bucket in which the 99th of a hundred lies, in ms. */
const p99Ms = (before: Reading, now: Reading): number | undefined => {
  const bounds = [...now.within.keys()].sort((a, b) => a - b);
  const since = (le: number): number =>
    (now.within.get(le) ?? 0) - (before.within.get(le) ?? 0);
  const total = since(Infinity);
  if (total === 0) return undefined;
  const bound = bounds.find((le) => since(le) >= total * 0.99);
  return bound === undefined ? undefined : bound * 1_000;
};

/** Makes a line of what happened since the last one: `42 rps · p99 <= 5 ms · open breakers: none · refused 0`. */
export const createSummary = (admin: Admin): (() => Promise<string>) => {
  let before: Reading | undefined;
  return async () => {
    const now = read(await admin.metrics(), performance.now());
    const last = before ?? now;
    before = now;
    const seconds = Math.max(0.001, (now.atMs - last.atMs) / 1_000);
    const rps = Math.round((now.answered - last.answered) / seconds);
    const p99 = p99Ms(last, now);
    const open = now.open.length === 0 ? "none" : now.open.join(", ");
    return [
      `${rps} rps`,
      `p99 ${p99 === undefined ? "-" : `<= ${p99} ms`}`,
      `open breakers: ${open}`,
      `refused ${now.refused - last.refused}`,
    ].join(" · ");
  };
};
