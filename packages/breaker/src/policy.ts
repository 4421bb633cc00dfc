import type { Clock, Random } from "@dp/core";
import type { Call, CallContext } from "./call.ts";
import type { Classify } from "./classify.ts";

declare const yields: unique symbol;

/**
 * One way to guard a call. Policies nest: `next` is everything inside this one, down to the operation.
 *
 * `execute` may call `next` never, once or often. To change what the inside sees, pass a copy of the context with other
 * fields (`{ ...context, attempt: 2 }`); whoever changes `deadlineMs` replaces `remainingMs` too. `F` is the type of
 * values the policy can put in place of the operation's result.
 */
export interface Policy<F = never> {
  readonly name: string;
  execute<T>(next: Call<T>, context: CallContext): Promise<T | F>;
  /**
   * Called by every pipeline the policy is put in, with the clock and random that pipeline was given, if any: for
   * policies that need time or chance outside of calls too. What a policy has already is kept.
   */
  adopt?(settings: PolicySettings): void;
  /**
   * Whether it can be forgotten and made anew without consequences: no circuit is open, nothing is in flight. `keyed`
   * asks before it displaces one. Left out: it can.
   */
  isIdle?(): boolean;
  /** Never there: carries `F` where the compiler can read it, which it cannot in the result of a generic method. */
  readonly [yields]?: () => F;
}

/** What a pipeline lays down for all its policies. */
export interface PolicySettings {
  readonly classify?: Classify | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/**
 * What a policy can put in place of the operation's result: the `F` of a `Policy<F>`, `never` for most. For a type that
 * gives something else than `Policy<F>` does (a class of your own, say) it is `unknown`: declare it as `Policy<F>`.
 */
export type Yield<P> = P extends Policy
  ? never
  : P extends { readonly [yields]?: () => infer F }
    ? F
    : unknown;
