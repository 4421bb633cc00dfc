import type { Random } from "@dp/core";
import type {
  Balancer,
  Candidate,
  PickRequest,
} from "../balancers/balancer.ts";
import type { Member } from "./member.ts";
import { byResort, type Tier } from "./tier.ts";
import { xxhash32 } from "../xxhash32.ts";

/** Not that of the balancers that hash keys: the keys of a tier would all lie on one part of its ring. */
const tierSeed = 0x7469;

/**
 * Picks a tier by its load, then a member by the tier's balancer. The first tier has the view's own balancer, every
 * other one of its own, so that no balancer sees members of two tiers and each tier gets its exact part whatever its
 * balancer does with weights. While one tier has all the load, and no pick excludes all of it, the others cost nothing.
 */
export class TierBalancers<M> {
  readonly #own: Balancer;
  readonly #fork: () => Balancer;
  readonly #random: Random;
  #byTier = new Map<string, Balancer>();
  #tiers: readonly Tier<M>[] = [];
  /** The balancer of the tier that has all the load; undefined in a split. */
  #only: Balancer | undefined;
  /** The tiers whose balancers have been told their candidates. */
  readonly #told = new Set<Tier<M>>();

  constructor(own: Balancer, fork: () => Balancer, random: Random) {
    this.#own = own;
    this.#fork = fork;
    this.#random = random;
    this.#only = own;
  }

  update(tiers: readonly Tier<M>[]): void {
    const before = this.#byTier;
    this.#byTier = new Map();
    this.#tiers = tiers;
    this.#told.clear();
    if (tiers.length === 0) this.#own.update([]);
    tiers.forEach((tier, index) => {
      const name = nameOf(tier);
      const held = before.get(name);
      if (index === 0) this.#byTier.set(name, this.#own);
      else if (held !== undefined && held !== this.#own)
        this.#byTier.set(name, held);
    });
    const loaded = tiers.filter(({ load }) => load > 0);
    for (const tier of loaded) this.#tell(tier);
    const [first = tiers[0]] = loaded;
    if (loaded.length > 1) this.#only = undefined;
    else if (first === undefined) this.#only = this.#own;
    else this.#only = this.#tell(first);
  }

  /** The member's `balancer` is the one that picked it. */
  pick(request?: PickRequest): Member<M> | undefined {
    const picked = (
      this.#only !== undefined
        ? this.#only.pick(request)
        : this.#split(request).pick(request)
    ) as Member<M> | undefined;
    if (picked !== undefined || this.#tiers.length < 2) return picked;
    return this.#fallThrough(request);
  }

  /** A key keeps its tier while the loads stay; other picks go by chance. */
  #split(request: PickRequest | undefined): Balancer {
    const key = request?.key;
    let draw =
      key === undefined ? this.#random() : xxhash32(key, tierSeed) / 2 ** 32;
    let balancer = this.#own;
    for (const tier of this.#tiers) {
      if (tier.load === 0) continue;
      balancer = this.#of(tier);
      draw -= tier.load;
      if (draw < 0) break;
    }
    return balancer;
  }

  #fallThrough(request: PickRequest | undefined): Member<M> | undefined {
    for (const tier of byResort(this.#tiers)) {
      const picked = this.#tell(tier).pick(request);
      if (picked !== undefined) return picked as unknown as Member<M>;
    }
    return undefined;
  }

  /** Made when it is needed: whoever may write records must not have one made for each priority there is. */
  #of(tier: Tier<M>): Balancer {
    const name = nameOf(tier);
    let balancer = this.#byTier.get(name);
    if (balancer === undefined) {
      balancer = this.#fork();
      this.#byTier.set(name, balancer);
    }
    return balancer;
  }

  /** Makes sure the tier's balancer has its candidates. */
  #tell(tier: Tier<M>): Balancer {
    const balancer = this.#of(tier);
    if (this.#told.has(tier)) return balancer;
    this.#told.add(tier);
    for (const member of tier.candidates) member.balancer = balancer;
    balancer.update(tier.candidates as unknown as readonly Candidate[]);
    return balancer;
  }
}

/** The own zone goes on with the balancer of the undivided tier when the two part or join. */
const nameOf = <M>({ priority, part }: Tier<M>): string =>
  part === "other zones" ? `${priority} others` : `${priority}`;
