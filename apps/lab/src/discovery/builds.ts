import type { Balancer, Candidate } from "@dp/discovery";
import { cpuNs } from "./picks/baseline.ts";
import { balancers } from "./picks/balancers.ts";
import { candidatesOf } from "./picks/instances.ts";
import { named } from "../table.ts";
import type { Turn } from "../turns.ts";

const sizes = [100, 1_000, 10_000];

/** Milliseconds of CPU a run takes, of as many as fit into so many milliseconds and one at least. */
const runMs = (run: () => void, forMs: number): number => {
  const before = cpuNs();
  let runs = 0;
  let spentNs = 0;
  do {
    run();
    runs++;
    spentNs = cpuNs() - before;
  } while (spentNs < forMs * 1e6);
  return spentNs / runs / 1e6;
};

const checkPick = (balancer: Balancer, among: readonly Candidate[]): void => {
  const picked = balancer.pick({ key: "any" });
  if (picked === undefined || !among.includes(picked))
    throw new Error("picked nobody of the last update");
  balancer.settle(picked, { outcome: "success", latencyMs: 1 });
};

/**
 * What a balancer's `update` costs: the first one of so many candidates, and with 10,000 one in which an instance left
 * or came back, and one in which a weight is another.
 */
export const buildsOf = (name: string, msPerFigure: number): Turn => {
  const { create } = named(balancers, name);
  const all = sizes.map(candidatesOf);
  const most = all.at(-1) ?? [];
  const middle = most.length >> 1;
  const oneLess = most.toSpliced(middle, 1);
  const reweighted = most.map((candidate, index) =>
    index === middle ? { ...candidate, weight: 2 } : candidate,
  );
  const alternate = (others: readonly Candidate[]): number => {
    const balancer = create();
    balancer.update(most);
    let turn = 0;
    return runMs(() => {
      const next = turn++ % 2 === 0 ? others : most;
      balancer.update(next);
      checkPick(balancer, next);
    }, msPerFigure);
  };
  const turn = (): Promise<Record<string, number>> => {
    const built = all.map((candidates): [string, number] => [
      `build${candidates.length}`,
      runMs(() => {
        const balancer = create();
        balancer.update(candidates);
        checkPick(balancer, candidates);
      }, msPerFigure),
    ]);
    return Promise.resolve({
      ...Object.fromEntries(built),
      member: alternate(oneLess),
      weight: alternate(reweighted),
    });
  };
  return turn;
};
