import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { candidatesOf } from "../testing/balancer-case.ts";
import { ProbePool } from "./probe-pool.ts";
import { Seat } from "./roster.ts";

const seatsOf = (ids: readonly string[]): Seat[] =>
  candidatesOf(ids).map((candidate) => new Seat(candidate));

/** Probes as `id: [load, latencyMs]`, all heard at 0 and good for many uses. */
const poolOf = (
  probes: Readonly<Record<string, readonly [number, number]>>,
  shunned: readonly string[] = [],
) => {
  const pool = new ProbePool<Seat>(16, ({ candidate }) =>
    shunned.includes(candidate.id),
  );
  for (const [id, [load, latencyMs]] of Object.entries(probes))
    pool.add(seatsOf([id])[0]!, load, latencyMs, 0, 100);
  return pool;
};

describe("a pool of probes", () => {
  it("gives the cold one of least latency, whatever its load", () => {
    const pool = poolOf({ a: [1, 30], b: [5, 20], c: [6, 1] });
    expect(pool.use(5, undefined)?.candidate.id).toBe("b");
  });

  it("gives the least loaded when all are hot, whatever its latency", () => {
    const pool = poolOf({ a: [9, 1], b: [7, 500], c: [8, 2] });
    expect(pool.use(5, undefined)?.candidate.id).toBe("b");
  });

  it("takes a shunned one for hot", () => {
    const probes = { a: [0, 1], b: [3, 80], c: [4, 70] } as const;
    expect(poolOf(probes, ["a"]).use(5, undefined)?.candidate.id).toBe("c");
    expect(
      poolOf(probes, ["a", "b", "c"]).use(5, undefined)?.candidate.id,
    ).toBe("a");
  });

  it("counts one more in flight after each use", () => {
    const pool = poolOf({ a: [3, 10], b: [5, 20] });
    const ids = Array.from(
      { length: 4 },
      () => pool.use(5, undefined)!.candidate.id,
    );
    // The fourth finds a at 6, above the limit.
    expect(ids.join("")).toBe("aaab");
  });

  it("needs two to choose from that are not excluded", () => {
    const pool = poolOf({ a: [1, 1], b: [1, 2], c: [1, 3] });
    expect(pool.use(5, new Set(["a"]))?.candidate.id).toBe("b");
    expect(pool.use(5, new Set(["a", "b"]))).toBeUndefined();
    expect(poolOf({ a: [1, 1] }).use(5, undefined)).toBeUndefined();
  });

  it("drops a probe after its last use", () => {
    const pool = new ProbePool<Seat>(16, () => false);
    const [a, b, c] = seatsOf(["a", "b", "c"]) as [Seat, Seat, Seat];
    pool.add(a, 0, 1, 0, 2);
    pool.add(b, 0, 5, 0, 100);
    pool.add(c, 0, 6, 0, 100);
    const ids = Array.from(
      { length: 3 },
      () => pool.use(9, undefined)!.candidate.id,
    );
    expect(ids.join("")).toBe("aab");
  });

  it("removes the worst and the oldest in turn", () => {
    const pool = new ProbePool<Seat>(16, () => false);
    const seats = seatsOf(["old", "slow", "busy", "hot", "fast"]);
    const told = [
      [1, 2],
      [1, 90],
      [8, 3],
      [9, 4],
      [1, 1],
    ] as const;
    for (const [index, [load, latencyMs]] of told.entries())
      pool.add(seats[index]!, load, latencyMs, index, 100);
    const left = (): string =>
      seats
        .filter((seat) => {
          const others = new Set(
            seats
              .filter((each) => each !== seat)
              .map(({ candidate }) => candidate.id),
          );
          // Alone in the pool with a stand-in it is used if it is there.
          pool.add(standIn, 1000, 1000, 50, 100);
          return pool.use(5, others)?.candidate.id === seat.candidate.id;
        })
        .map(({ candidate }) => candidate.id)
        .join(" ");
    const [standIn] = seatsOf(["stand-in"]) as [Seat];
    pool.removeOne(5);
    expect(left()).toBe("old slow busy fast");
    standIn.seated = false;
    pool.expire(-1);
    pool.removeOne(5);
    expect(left()).toBe("slow busy fast");
    pool.expire(-1);
    pool.removeOne(5);
    expect(left()).toBe("slow fast");
  });

  it("agrees with a naive list through any uses, answers and removals", () => {
    const ids = ["a", "b", "c", "d", "e", "f"];
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("add" as const),
          id: fc.nat(5),
          load: fc.nat(9),
          latencyMs: fc.nat(9),
          uses: fc.integer({ min: 1, max: 4 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("use" as const),
          limit: fc.nat(9),
          exclude: fc.subarray(ids, { maxLength: 2 }),
        }),
      },
      fc.record({ do: fc.constant("remove" as const), limit: fc.nat(9) }),
      fc.record({ do: fc.constant("expire" as const), ageMs: fc.nat(8) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const seats = seatsOf(ids);
        const pool = new ProbePool<Seat>(4, () => false);
        let list: {
          seat: Seat;
          load: number;
          latencyMs: number;
          atMs: number;
          uses: number;
        }[] = [];
        let removals = 0;
        for (const [atMs, each] of steps.entries()) {
          const ranked = (limit: number) =>
            [...list].sort((a, b) => {
              const [hotA, hotB] = [a.load > limit, b.load > limit];
              if (hotA !== hotB) return hotA ? 1 : -1;
              if (hotA || a.latencyMs === b.latencyMs) return a.load - b.load;
              return a.latencyMs - b.latencyMs;
            });
          const alike = (a: (typeof list)[number], b: (typeof list)[number]) =>
            a.load === b.load && a.latencyMs === b.latencyMs;
          if (each.do === "add") {
            const seat = seats[each.id]!;
            // Ties are anybody's: no two alike, so that the list can tell what to expect.
            const load = each.load + each.id / 100;
            pool.add(seat, load, each.latencyMs, atMs, each.uses);
            list = list.filter((probe) => probe.seat !== seat);
            if (list.length === 4) list.shift();
            list.push({
              seat,
              load,
              latencyMs: each.latencyMs,
              atMs,
              uses: each.uses,
            });
          } else if (each.do === "use") {
            const open = ranked(each.limit).filter(
              ({ seat }) => !each.exclude.includes(seat.candidate.id),
            );
            const used = pool.use(each.limit, new Set(each.exclude));
            expect(used).toBe(open.length < 2 ? undefined : open[0]!.seat);
            const probe = open.length < 2 ? undefined : open[0]!;
            if (probe !== undefined) {
              probe.load++;
              if (--probe.uses === 0)
                list = list.filter((other) => other !== probe);
            }
          } else if (each.do === "remove") {
            if (list.length > 0) {
              const worst = ranked(each.limit).at(-1)!;
              const gone = removals++ % 2 === 0 ? worst : list[0]!;
              list = list.filter(
                (probe) =>
                  probe !== gone &&
                  !(alike(probe, gone) && probe.seat === gone.seat),
              );
            }
            pool.removeOne(each.limit);
          } else {
            pool.expire(atMs - each.ageMs);
            list = list.filter((probe) => probe.atMs >= atMs - each.ageMs);
          }
          expect(pool.count).toBe(list.length);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
