import type { Balancer, Candidate } from "../balancers/balancer.ts";

/** Cases of the suite by their names; each makes its own balancers, of a seed. */
export type BalancerCases = Readonly<
  Record<string, (make: (seed?: number) => Balancer) => void>
>;

/** Candidates with these ids, on made-up addresses. */
export const candidatesOf = (
  ids: readonly string[],
  weight: number = 1,
): readonly Candidate[] =>
  ids.map((id, index) => ({
    id,
    weight,
    instance: {
      service: "web",
      id,
      host: "10.0.0.1",
      port: index + 1,
      weight,
      priority: 0,
      state: "serving",
      revision: BigInt(index + 1),
      metadata: {},
    },
  }));
