import type { Member } from "./member.ts";
import type { Subset } from "../subset.ts";

/** The serving members of one priority in order of rank, and which of them are used. */
interface Ranking<M> {
  readonly ranked: Member<M>[];
  used: ReadonlyMap<Member<M>, number>;
}

/**
 * Keeps each member's `share` of use as the subset has it: 0 for those that are not used. Draining members are not in
 * it. A change costs O(log n) comparisons and a move of the order behind it.
 */
export class Selection<M> {
  readonly #subset: Subset;
  readonly #rankings = new Map<number, Ranking<M>>();
  readonly #touched = new Set<Ranking<M>>();

  constructor(subset: Subset) {
    this.#subset = subset;
  }

  /** Call before the member's instance is another. */
  remove(member: Member<M>): void {
    const ranking = this.#rankings.get(member.instance.priority);
    if (ranking === undefined) return;
    const at = place(ranking.ranked, member);
    if (ranking.ranked[at] !== member) return;
    ranking.ranked.splice(at, 1);
    this.#touched.add(ranking);
  }

  /** Nothing is decided until `decide`. */
  add(member: Member<M>): void {
    if (member.instance.state === "draining") return;
    const { priority } = member.instance;
    let ranking = this.#rankings.get(priority);
    if (ranking === undefined) {
      ranking = { ranked: [], used: new Map() };
      this.#rankings.set(priority, ranking);
    }
    member.rank = this.#subset.rank(member.id);
    ranking.ranked.splice(place(ranking.ranked, member), 0, member);
    this.#touched.add(ranking);
  }

  /** Sets the shares anew where something changed; `turned` hears of each member that is now used or no longer. */
  decide(turned: (member: Member<M>) => void): void {
    const before = new Set<Member<M>>();
    const now = new Set<Member<M>>();
    for (const ranking of this.#touched) {
      for (const member of ranking.used.keys()) {
        before.add(member);
        member.share = 0;
      }
      ranking.used = this.#use(ranking.ranked);
    }
    for (const { used } of this.#touched)
      for (const [member, share] of used) {
        now.add(member);
        member.share = share;
      }
    this.#touched.clear();
    for (const member of before) if (!now.has(member)) turned(member);
    for (const member of now) if (!before.has(member)) turned(member);
  }

  #use(ranked: readonly Member<M>[]): ReadonlyMap<Member<M>, number> {
    const { from, shares } = this.#subset.slice(ranked.length);
    const used = new Map<Member<M>, number>();
    shares.forEach((share, index) => {
      const member = ranked[(from + index) % ranked.length];
      if (member !== undefined && share > 0) used.set(member, share);
    });
    return used;
  }
}

/** Where the member stands, or would stand. */
const place = <M>(
  ranked: readonly Member<M>[],
  { rank, id }: Member<M>,
): number => {
  let low = 0;
  let high = ranked.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = ranked[middle] as Member<M>;
    if (other.rank < rank || (other.rank === rank && other.id < id))
      low = middle + 1;
    else high = middle;
  }
  return low;
};
