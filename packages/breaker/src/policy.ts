import type { Clock, Random } from "@dp/core";
import type { Call, CallContext } from "./call.ts";
import type { Classify } from "./classify.ts";

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
}

/** What a pipeline lays down for all its policies. */
export interface PolicySettings {
  readonly classify?: Classify | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

declare const result: unique symbol;

/** What a policy can put in place of the operation's result: the `F` of a `Policy<F>`, `never` for most. */
export type Yield<P> = P extends {
  execute: (
    next: Call<typeof result>,
    context: CallContext,
  ) => Promise<infer R>;
}
  ? Exclude<R, typeof result>
  : never;
