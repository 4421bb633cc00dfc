// Of a union of both kinds the compiler would not infer what a handler gets, hence the overloads.
/* eslint-disable @typescript-eslint/unified-signatures */
import type { SagaDefinition } from "./definition.ts";
import type { Jsonify } from "./jsonify.ts";
import type { CertainStep, LastingStep, UncertainStep } from "./step.ts";

/** A name that is not taken yet; one that is does not compile. */
export type NewName<N extends string, S> = N extends keyof S
  ? `duplicate step '${N}'`
  : N;

/** The outputs so far and one more. */
export type WithOutput<S, N extends string, O> = S & {
  readonly [K in N]: Jsonify<Awaited<O>>;
};

/** Steps of one group: they run together and do not see each other's outputs (`S0` is what was there before). */
export interface GroupBuilder<I, S0, S> {
  step<const N extends string, O>(
    name: NewName<N, S> & N,
    options: CertainStep<I, S0, O>,
  ): GroupBuilder<I, S0, WithOutput<S, N, O>>;
  step<const N extends string, O>(
    name: NewName<N, S> & N,
    options: UncertainStep<I, S0, O>,
  ): GroupBuilder<I, S0, WithOutput<S, N, O>>;
}

/** A saga up to here can still go backward. Builders are immutable: each call gives another one. */
export interface SagaBuilder<I, S = unknown> {
  /** Adds a step that runs after all before it, and is compensated before them. */
  step<const N extends string, O>(
    name: NewName<N, S> & N,
    options: CertainStep<I, S, O>,
  ): SagaBuilder<I, WithOutput<S, N, O>>;
  step<const N extends string, O>(
    name: NewName<N, S> & N,
    options: UncertainStep<I, S, O>,
  ): SagaBuilder<I, WithOutput<S, N, O>>;
  /** Adds steps that run together. All of them settle before anything is compensated. */
  parallel<S2 extends S>(
    build: (group: GroupBuilder<I, S, S>) => GroupBuilder<I, S, S2>,
  ): SagaBuilder<I, S2>;
  /**
   * Adds the step that decides: until it is called the run can go backward, once it has succeeded it only goes forward.
   */
  pivot<const N extends string, O>(
    name: NewName<N, S> & N,
    options: LastingStep<I, S, O>,
  ): PivotedBuilder<I, WithOutput<S, N, O>>;
  /** Ends the declaration. `result` makes what `handle.result()` gives; like a step's output it goes through JSON. */
  result<R>(
    result: (values: { readonly input: Jsonify<I>; readonly steps: S }) => R,
  ): SagaDefinition<I, Jsonify<R>>;
}

/** A saga past its pivot: no step from here on is compensated; each is retried until it succeeds. */
export interface PivotedBuilder<I, S> {
  step<const N extends string, O>(
    name: NewName<N, S> & N,
    options: LastingStep<I, S, O>,
  ): PivotedBuilder<I, WithOutput<S, N, O>>;
  result<R>(
    result: (values: { readonly input: Jsonify<I>; readonly steps: S }) => R,
  ): SagaDefinition<I, Jsonify<R>>;
}
