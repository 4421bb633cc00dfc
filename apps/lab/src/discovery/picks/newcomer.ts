import { seededRandom, systemClock } from "@dp/core";
import { peakEwma } from "@dp/discovery";
import { status } from "@grpc/grpc-js";
import type { Figures } from "../../turns.ts";
import { trailers, weighted } from "./grpc.ts";
import { candidatesOf } from "./instances.ts";

const known = 10;
const perSecond = 400;

/** How many of so many picks one instance gets that joins ten about whom a load-aware policy has learnt. */
export interface Newcomer {
  readonly name: string;
  readonly picked: number;
}

/**
 * grpc-js, weighted_round_robin: ten servers report 400 requests a second at full use after every call. The newcomer
 * would too, were it called: until then it has no weight.
 */
export const grpcNewcomer = (picks: number): Newcomer => {
  const policy = weighted();
  const loaded = trailers(perSecond);
  const call = (): string => {
    const { subchannel, onCallEnded } = policy.pick();
    onCallEnded?.(status.OK, "", loaded);
    return subchannel?.getAddress() ?? "";
  };
  policy.update(known);
  const seen = new Set<string>();
  while (seen.size < known) seen.add(call());
  policy.update(known + 1);
  let picked = 0;
  for (let pick = 0; pick < picks; pick++) if (!seen.has(call())) picked++;
  policy.close();
  return { name: "grpc-js weighted_round_robin", picked };
};

/** peakEwma: all answer within 2.5 ms, one after the other, on a clock of its own. */
export const peakEwmaNewcomer = (picks: number): Newcomer => {
  let nowMs = 0;
  const balancer = peakEwma({
    random: seededRandom(1),
    clock: { ...systemClock, now: () => nowMs },
  });
  const candidates = candidatesOf(known + 1);
  const [newcomer] = candidates.slice(known);
  const call = (): unknown => {
    const candidate = balancer.pick();
    if (candidate === undefined) throw new Error("nobody picked");
    nowMs += 2.5;
    balancer.settle(candidate, { outcome: "success", latencyMs: 2.5 });
    return candidate;
  };
  balancer.update(candidates.slice(0, known));
  const seen = new Set<unknown>();
  while (seen.size < known) seen.add(call());
  balancer.update(candidates);
  let picked = 0;
  for (let pick = 0; pick < picks; pick++) if (call() === newcomer) picked++;
  return { name: "@dp/discovery peakEwma", picked };
};

/** Picks of the newcomer out of so many, by policy. */
export const newcomers = (picks: number): Figures =>
  Object.fromEntries(
    [grpcNewcomer(picks), peakEwmaNewcomer(picks)].map(({ name, picked }) => [
      name,
      picked,
    ]),
  );
