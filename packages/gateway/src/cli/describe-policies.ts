import type {
  ResolvedLimit,
  ResolvedRetry,
  ResolvedRoute,
  ResolvedService,
} from "../config/resolved.ts";

/** A time as people write it: `500ms`, `10s`, `5m`. */
export const describeMs = (ms: number): string => {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const;
  const unit = units.find(([, size]) => ms >= size && ms % size === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
};

const percent = (share: number): string =>
  `${Math.round(share * 10_000) / 100}%`;

const plural = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `2 targets, power-of-two, breaker at 50% of 20 in 10s, …` */
export const describeService = (service: ResolvedService): string => {
  const { discover, targets, health, eject, breaker } = service;
  return [
    discover === undefined
      ? plural(targets.length, "target")
      : `discovers ${discover}`,
    service.balance,
    health === undefined
      ? "no health check"
      : `health ${health.path} every ${describeMs(health.intervalMs)}`,
    eject === undefined
      ? "no ejection"
      : `ejects after ${plural(eject.consecutive, "failure")} for ${describeMs(eject.forMs)}`,
    breaker === undefined
      ? "no breaker"
      : `breaker at ${percent(breaker.failureRate)} of ${breaker.minimum} or more in ${describeMs(breaker.windowMs)}`,
  ].join(", ");
};

/** `orders`, or `orders 90, canary 10` */
export const describeTo = ({ to }: ResolvedRoute): string =>
  to.length === 1
    ? to.map(({ service }) => service).join("")
    : to.map(({ service, weight }) => `${service} ${weight}`).join(", ");

/** `100 in 1s, burst 200, by ip` */
export const describeLimit = ({
  limit,
  perMs,
  burst,
  by,
}: ResolvedLimit): string =>
  `${limit} in ${describeMs(perMs)}, burst ${burst}, by ${by.kind === "header" ? `header ${by.header}` : by.kind}`;

/** `2 attempts on connect, reset, 503; budget 20%, backoff up to 25ms` */
export const describeRetry = (retry: ResolvedRetry): string => {
  if (retry.attempts === 1) return "off";
  const on = [
    ...(retry.onConnect ? ["connect"] : []),
    ...(retry.onReset ? ["reset"] : []),
    ...(retry.onTimeout ? ["timeout"] : []),
    ...retry.onStatus.map(String),
  ];
  return `${plural(retry.attempts, "attempt")} on ${on.join(", ") || "nothing"}; budget ${percent(retry.budget)}, backoff up to ${describeMs(retry.backoffMs)}`;
};

/** Each policy of a route as name and words, in the order in which a request meets them. */
export const describePolicies = (
  route: ResolvedRoute,
): readonly (readonly [name: string, words: string])[] => [
  ["auth", route.auth ?? "none"],
  ["limit", route.limit === undefined ? "none" : describeLimit(route.limit)],
  ["use", route.use.map(({ name }) => name).join(", ") || "none"],
  ["body", `at most ${route.bodyMaxBytes} bytes`],
  [
    "timeout",
    `total ${describeMs(route.timeout.totalMs)}, attempt ${describeMs(route.timeout.attemptMs)}, connect ${describeMs(route.timeout.connectMs)}, idle ${describeMs(route.timeout.idleMs)}`,
  ],
  ["retry", describeRetry(route.retry)],
];
