import type { Random } from "@dp/core";
import type { SagaDefinition } from "../../src/definition.ts";
import { saga } from "../../src/saga.ts";
import type { OnUnknown, StepRetry } from "../../src/step.ts";

/** The parts of the builder that a generator needs, without the types that follow each step. */
interface Builder {
  step(name: string, options: object): Builder;
  parallel(build: (group: Builder) => Builder): Builder;
  pivot(name: string, options: object): Builder;
  result(result: () => unknown): SagaDefinition;
}

const nothing = (): undefined => undefined;

/** A saga of one to six steps in groups and alone, with and without pivot, `find`, patience. Its handlers do nothing. */
export const randomSaga = (random: Random): SagaDefinition => {
  const below = (count: number): number => Math.floor(random() * count);
  const chance = (probability: number): boolean => random() < probability;
  const retry = (): StepRetry => ({
    attempts: 1 + below(3),
    backoff: { initial: 1 + below(400), factor: 2, max: 1_000, jitter: "full" },
  });
  const unknown = (role: "before" | "after"): OnUnknown | undefined =>
    chance(0.7)
      ? undefined
      : role === "before" && chance(0.5)
        ? "compensate"
        : "park";
  const common = (): object => ({
    execute: nothing,
    find: chance(0.4) ? nothing : undefined,
    retry: retry(),
    timeout: 200 + below(1_500),
  });
  const before = (): object => ({
    ...common(),
    compensate: nothing,
    compensateRetry: retry(),
    onUnknown: unknown("before"),
  });
  const after = (): object => ({ ...common(), onUnknown: unknown("after") });

  const timeout = chance(0.3) ? 500 + below(5_000) : undefined;
  let builder = saga("random", { timeout }) as unknown as Builder;
  let count = 0;
  const name = (): string => `s${++count}`;
  for (let units = 1 + below(3); units > 0; units--) {
    if (chance(0.35))
      builder = builder.parallel((group) => {
        let grown = group;
        for (let members = 2 + below(2); members > 0; members--)
          grown = grown.step(name(), before());
        return grown;
      });
    else builder = builder.step(name(), before());
  }
  if (chance(0.4)) {
    builder = builder.pivot(name(), after());
    for (let more = below(3); more > 0; more--)
      builder = builder.step(name(), after());
  }
  return builder.result(nothing);
};
