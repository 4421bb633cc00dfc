import { seededRandom, type Random } from "@dp/core";
import {
  boundedLoad,
  maglev,
  ringHash,
  type Balancer,
  type Candidate,
} from "@dp/discovery";
import { candidatesOf, indexOf } from "../candidates.ts";

/** What owns keys. */
export const owners = {
  "ringHash, 100 points": () => ringHash({ points: 100 }),
  maglev: () => maglev(),
} as const satisfies Record<string, () => Balancer>;

export type OwnerName = keyof typeof owners;

export const instances = 100;
/** Requests in flight at any time: a hundred for each instance. */
export const inFlight = 10_000;
/** Turns until what was placed while there were fewer in flight is gone, and turns that are looked at. */
const settlingTurns = 30_000;
const turns = 50_000;

/** Which key the next request has. */
export type NextKey = (random: Random) => number;

/** Every request has a key of its own. */
export const freshKeys = (): NextKey => {
  let key = 0;
  return () => key++;
};

const hotKeyCount = 10_000;

/**
 * Zipf: the second key is asked for half as often as the first, the nth 1/n times as often; the first has a tenth of all
 * requests.
 */
export const hotKeys = (): NextKey => {
  let sum = 0;
  const sums = Float64Array.from({ length: hotKeyCount }, (_, key) => {
    sum += 1 / (key + 1);
    return sum;
  });
  return (random) => {
    const drawn = random() * sum;
    let low = 0;
    let high = hotKeyCount - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? Infinity) < drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
};

export interface SpillFigures {
  /** The most that an instance had in flight. */
  readonly most: number;
  /** The share of requests that did not go to the owner of their key. */
  readonly spilled: number;
}

/**
 * Requests that each have a key, so many at once; at each turn one of them, drawn by chance, ends and the next begins.
 * `factor` undefined is without a bound.
 */
export const spill = (
  name: OwnerName,
  factor: number | undefined,
  nextKey: NextKey,
  seed = 1,
): SpillFigures => {
  const random = seededRandom(seed);
  const candidates = candidatesOf(instances);
  const owner = owners[name]();
  const balancer =
    factor === undefined
      ? owners[name]()
      : boundedLoad(owners[name](), { factor });
  owner.update(candidates);
  balancer.update(candidates);
  const loads = new Uint32Array(instances);
  const held: Candidate[] = [];
  let spilled = 0;
  let most = 0;
  const send = (place: number): void => {
    const key = String(nextKey(random));
    const picked = balancer.pick({ key });
    if (picked === undefined) throw new Error("nobody to pick");
    held[place] = picked;
    const index = indexOf(picked);
    const load = (loads[index] ?? 0) + 1;
    loads[index] = load;
    most = Math.max(most, load);
    if (owner.pick({ key })?.id !== picked.id) spilled++;
  };
  for (let sent = 0; sent < inFlight; sent++) send(sent);
  const turn = (): void => {
    const place = Math.floor(random() * inFlight);
    const ended = held[place];
    if (ended === undefined) throw new Error("nothing in flight");
    balancer.settle(ended, { outcome: "success" });
    const index = indexOf(ended);
    loads[index] = (loads[index] ?? 0) - 1;
    send(place);
  };
  for (let made = 0; made < settlingTurns; made++) turn();
  spilled = 0;
  most = 0;
  for (let made = 0; made < turns; made++) turn();
  return { most, spilled: spilled / turns };
};
