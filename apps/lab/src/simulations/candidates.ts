import type { Candidate } from "@dp/discovery";

/** Instances as a view hands them to its balancer, in order, with ids `0`, `1` and so on. */
export const candidatesOf = (
  count: number,
  weightOf: (index: number) => number = () => 1,
): readonly Candidate[] =>
  Array.from({ length: count }, (_, index): Candidate => {
    const id = String(index);
    const weight = weightOf(index);
    return {
      id,
      weight,
      instance: {
        service: "simulated",
        id,
        host: "127.0.0.1",
        port: 1 + (index % 65_535),
        weight,
        priority: 0,
        state: "serving",
        revision: 1n,
        metadata: {},
      },
    };
  });

/** Which of {@link candidatesOf} it is. */
export const indexOf = ({ id }: Pick<Candidate, "id">): number => Number(id);
