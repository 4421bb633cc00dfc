import { inFlight, instances } from "./spill.ts";

/** Erlang's loss formula: how likely all of `places` are taken when `offered` requests would be in flight on average. */
export const lossOf = (offered: number, places: number): number => {
  let loss = 1;
  for (let taken = 1; taken <= places; taken++)
    loss = (offered * loss) / (taken + offered * loss);
  return loss;
};

/**
 * The share of requests that spill in theory, when all instances own equally many keys and keys are asked for alike: each
 * is a loss system of as many places as the bound allows, offered what its own keys ask for and what spills over from
 * others, so that what it takes is its share of all.
 */
export const spilledInTheory = (factor: number): number => {
  const share = inFlight / instances;
  const places = Math.ceil(factor * share);
  let low = share;
  let high = 10 * share;
  for (let halving = 0; halving < 60; halving++) {
    const offered = (low + high) / 2;
    if (offered * (1 - lossOf(offered, places)) < share) low = offered;
    else high = offered;
  }
  return lossOf(low, places);
};
