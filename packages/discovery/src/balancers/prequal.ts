import {
  recentMs,
  requireDuration,
  requireInteger,
  requireNumber,
  systemClock,
  systemRandom,
  type Duration,
} from "@dp/core";
import type { Metadata } from "../instance.ts";
import type { Balancer, BalancerOptions } from "./balancer.ts";
import { addDebt, debtAt, DebtSeat } from "./failure-debt.ts";
import { ProbeCalls, type LoadProbe } from "./probe-calls.ts";
import { ProbePool } from "./probe-pool.ts";
import { RecentLatencies } from "./recent-latencies.ts";
import { reportedLatency } from "./reported-latency.ts";
import { Roster } from "./roster.ts";
import { SlidingQuantile } from "./sliding-quantile.ts";
import { WeightedDraw } from "./weighted-draw.ts";

export type { LoadProbe, ProbeAnswer } from "./probe-calls.ts";

export interface PrequalOptions<M = Metadata> extends BalancerOptions {
  /**
   * Asks an instance for its load. Never waited for: a pick uses the answers there are.
   * @defaultValue none: what this client itself has in flight and saw of latencies stands in for answers
   */
  readonly probe?: LoadProbe<M> | undefined;
  /**
   * An instance is hot when more are in flight than at this quantile of the last answers, 0 to 1: 0 looks at what is
   * in flight alone, 1 at latency alone. @defaultValue 0.84, the paper's 2^-0.25
   */
  readonly quantile?: number | undefined;
  /** Answers kept for use. @defaultValue 16, the paper's */
  readonly poolSize?: number | undefined;
  /** Probes started for each pick, on average. @defaultValue 3, the paper's */
  readonly probesPerPick?: number | undefined;
  /** Answers dropped at each pick beside the used one, on average. @defaultValue 1, the paper's */
  readonly removalsPerPick?: number | undefined;
  /**
   * How much more often than needed to keep the pool filled an answer may be used. @defaultValue 1, the paper's delta
   */
  readonly reuseMargin?: number | undefined;
  /** How long an answer may be used. @defaultValue 1s, the paper's */
  readonly maxAge?: Duration | undefined;
  /** When a probe is given up. @defaultValue maxAge */
  readonly timeout?: Duration | undefined;
  /** Probes under way at most. @defaultValue 64 */
  readonly maxProbes?: number | undefined;
}

/** Answers that the quantile is taken of: what some twenty picks have asked for. */
const remembered = 64;
/** Draws for somebody who is not excluded and does not fail before all are looked through. */
const maxDraws = 8;

class PrequalSeat extends DebtSeat {
  /** For each request in flight, in order of picks, how many were in flight before it. */
  readonly found: number[] = [];
  /** Made with the first; none with probes, which tell more. */
  latencies: RecentLatencies | undefined = undefined;
}

/**
 * Of the instances lately asked for their load, the one of least latency among all that are not unusually busy.
 *
 * Each pick starts some probes of instances drawn by chance, by weight, and takes its choice from the pool of earlier
 * answers: those with more in flight (for their weight) than the quantile are hot; the cold one of least latency wins;
 * when all are hot, the one with the least in flight. An answer is used a bounded number of times and counts one more
 * in flight after each. With less than two answers to choose from, a draw by weight. An instance with a failure in the
 * last seconds counts as hot, so that one which fails fast is not taken for a fast one. With `probe` it sees load from
 * other clients, which no other balancer here does. Without, latency is that of the client's own requests of the last
 * ten seconds, so report latencies; one without any is tried with one request at a time. O(log n + pool size) a pick;
 * O(n) when most are excluded.
 *
 * Throws `InvalidOptionError`. Source: Wydrowski et al., "Load is not what you should balance: Introducing Prequal"
 * (NSDI 2024, arXiv 2312.10172); weights, the rule for failures and what stands in for probes are not from there.
 */
export const prequal = <M = Metadata>(
  options: PrequalOptions<M> = {},
): Balancer => {
  const { clock = systemClock, random = systemRandom } = options;
  const quantile = requireNumber("quantile", options.quantile ?? 0.84, 0, 1);
  const poolSize = requireInteger("poolSize", options.poolSize ?? 16, 2, 1024);
  const probesPerPick = requireNumber(
    "probesPerPick",
    options.probesPerPick ?? 3,
    0,
    64,
  );
  const removalsPerPick = requireNumber(
    "removalsPerPick",
    options.removalsPerPick ?? 1,
    0,
    64,
  );
  const reuseMargin = requireNumber(
    "reuseMargin",
    options.reuseMargin ?? 1,
    0,
    1024,
  );
  const maxAgeMs = requireDuration("maxAge", options.maxAge ?? "1s", 1);
  const timeoutMs = requireDuration("timeout", options.timeout ?? maxAgeMs, 1);
  const maxProbes = requireInteger("maxProbes", options.maxProbes ?? 64, 1);

  const roster = new Roster(PrequalSeat);
  const draw = new WeightedDraw();
  const loads = new SlidingQuantile(remembered);
  let nowMs = 0;
  const isFailing = (seat: PrequalSeat): boolean =>
    seat.debt !== 0 && debtAt(seat, nowMs) > 0;
  const pool = new ProbePool<PrequalSeat>(poolSize, isFailing);
  let uses = 1;
  let probesDue = 0;
  let removalsDue = 0;

  const add = (
    seat: PrequalSeat,
    inFlight: number,
    latencyMs: number,
  ): void => {
    const load = inFlight / seat.weight;
    loads.push(load);
    // Rounded by chance, so that it is right on average.
    pool.add(seat, load, latencyMs, nowMs, Math.floor(uses + random()));
  };

  const calls =
    options.probe === undefined
      ? undefined
      : new ProbeCalls<PrequalSeat>(
          options.probe as unknown as LoadProbe,
          clock,
          timeoutMs,
          maxProbes,
          (seat, answer) => {
            nowMs = clock.now();
            if (seat.seated) add(seat, answer.inFlight, answer.latencyMs);
          },
        );

  const probe = (seat: PrequalSeat): void => {
    if (calls !== undefined) calls.start(seat);
    else {
      const untriedMs = seat.inFlight === 0 ? 0 : Infinity;
      const latencyMs =
        seat.latencies?.median(seat.inFlight, nowMs) ?? untriedMs;
      add(seat, seat.inFlight, latencyMs);
    }
  };

  const drawn = (): PrequalSeat =>
    roster.seats[draw.at(random())] as PrequalSeat;

  const fallBack = (
    exclude: ReadonlySet<string> | undefined,
  ): PrequalSeat | undefined => {
    let failing: PrequalSeat | undefined;
    for (let draws = 0; draws < maxDraws; draws++) {
      const seat = drawn();
      if (exclude?.has(seat.candidate.id) === true) continue;
      if (!isFailing(seat)) return seat;
      failing ??= seat;
    }
    if (failing !== undefined || exclude === undefined) return failing;
    const left = roster.seats.filter(
      ({ candidate }) => !exclude.has(candidate.id),
    );
    return left[Math.floor(random() * left.length)];
  };

  return {
    fork: () => prequal(options),
    update(candidates) {
      roster.update(candidates);
      draw.set(roster.seats.map(({ weight }) => weight));
      const absent = 1 - poolSize / roster.seats.length;
      const surplus = absent * probesPerPick - removalsPerPick;
      // With few instances the pool has them all, and fresh answers replace old ones before they are used up.
      uses = surplus > 0 ? Math.max(1, (1 + reuseMargin) / surplus) : Infinity;
    },
    pick(request) {
      if (roster.seats.length === 0) return undefined;
      nowMs = recentMs(clock);
      pool.expire(nowMs - maxAgeMs);
      for (probesDue += probesPerPick; probesDue >= 1; probesDue--)
        probe(drawn());
      const limit = quantile === 1 ? Infinity : loads.at(quantile);
      const exclude = request?.exclude;
      const seat = pool.use(limit, exclude) ?? fallBack(exclude);
      for (removalsDue += removalsPerPick; removalsDue >= 1; removalsDue--)
        pool.removeOne(limit);
      if (seat === undefined) return undefined;
      seat.found.push(seat.inFlight++);
      return seat.candidate;
    },
    settle(candidate, report) {
      const seat = roster.find(candidate.id);
      if (seat === undefined) return;
      const settledMs = recentMs(clock);
      const { outcome } = report;
      const latencyMs = reportedLatency(report);
      // Taken for the request that was picked first: a latency belongs to the load it met, not to that it left behind.
      const found = seat.found.shift() ?? 0;
      if (outcome === "failure") addDebt(seat, settledMs);
      else if (
        outcome === "success" &&
        latencyMs !== undefined &&
        calls === undefined
      ) {
        seat.latencies ??= new RecentLatencies();
        seat.latencies.push(latencyMs, found, settledMs);
      }
      roster.settle(candidate);
    },
  };
};
