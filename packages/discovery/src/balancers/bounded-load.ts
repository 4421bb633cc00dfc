import { InvalidOptionError } from "@dp/core";
import type { Balancer, BalancerOptions, Candidate } from "./balancer.ts";
import { FullIds } from "./full-ids.ts";
import { Roster, Seat } from "./roster.ts";

export interface BoundedLoadOptions extends BalancerOptions {
  /** Nobody gets more than this many times its share of what is in flight; above 1. @defaultValue 1.25 */
  readonly factor?: number | undefined;
}

const requireFactor = (value: number): number => {
  if (value > 1 && value < Infinity) return value;
  throw new InvalidOptionError("factor", value, "a finite number above 1");
};

/**
 * What another balancer picks, unless that one has its bound in flight: then what the other balancer picks without
 * those who have. Around a hash balancer it keeps equal keys on equal instances, but a hot key spills over to the next.
 *
 * The bound is ceil(factor * (in flight + 1) * weight / sum of weights), counting the request to be placed; one below
 * it is always found, since factor is above 1. Only when all below it are excluded is one at its bound picked. A lower
 * factor is more even and moves more keys. Works around any `Balancer`, which this one then owns: pass no other view
 * the same. Costs what the other's pick costs, twice when somebody is at its bound.
 *
 * Throws `InvalidOptionError`. Source: Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded Loads"
 * (arXiv 1608.01350).
 */
export const boundedLoad = (
  balancer: Balancer,
  options: BoundedLoadOptions = {},
): Balancer => {
  const factor = requireFactor(options.factor ?? 1.25);
  const roster = new Roster(Seat);
  let weightSum = 0;
  /** Of those seated: what is in flight to ids that left takes nobody's place. */
  let inFlight = 0;

  const isFull = (seat: Seat): boolean =>
    seat.inFlight >=
    Math.ceil((factor * (inFlight + 1) * seat.weight) / weightSum);
  const full = new FullIds(roster, isFull);

  const take = (candidate: Candidate): Candidate => {
    const seat = roster.find(candidate.id);
    if (seat !== undefined) {
      seat.inFlight++;
      inFlight++;
    }
    return candidate;
  };

  const isFree = (candidate: Candidate): boolean => {
    const seat = roster.find(candidate.id);
    return seat === undefined || !isFull(seat);
  };

  const fork = balancer.fork?.bind(balancer);
  return {
    ...(fork && { fork: () => boundedLoad(fork(), options) }),
    update(candidates) {
      roster.update(candidates);
      weightSum = 0;
      inFlight = 0;
      for (const seat of roster.seats) {
        weightSum += seat.weight;
        inFlight += seat.inFlight;
      }
      balancer.update(candidates);
    },
    pick(request) {
      const preferred = balancer.pick(request);
      if (preferred === undefined) return undefined;
      if (isFree(preferred)) return take(preferred);
      const { key } = request ?? {};
      const spilled = balancer.pick({
        key,
        exclude: full.with(request?.exclude),
      });
      const [chosen, other] =
        spilled === undefined ? [preferred] : [spilled, preferred];
      if (other !== undefined) balancer.settle(other, { outcome: "cancelled" });
      return take(chosen);
    },
    settle(candidate, report) {
      const seat = roster.find(candidate.id);
      if (seat?.seated === true && seat.inFlight > 0) inFlight--;
      roster.settle(candidate);
      balancer.settle(candidate, report);
    },
  };
};
