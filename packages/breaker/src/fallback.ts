import type { Call, CallContext } from "./call.ts";
import { isUnwanted, scopeOf } from "./context.ts";
import type { Policy } from "./policy.ts";

/**
 * Puts something in place of an error: what `replace` returns or resolves to, or the error it throws itself.
 *
 * Outermost in a pipeline it sees what nothing inside could help. It is not asked when nobody waits for the result any
 * more, because the caller has aborted or another run of a hedged call has been quicker. The type of the pipeline's
 * results becomes the operation's or `F`.
 */
export const fallback = <F>(
  replace: (error: unknown, context: CallContext) => F | PromiseLike<F>,
): Policy<F> => ({
  name: "fallback",
  async execute<T>(next: Call<T>, context: CallContext): Promise<T | F> {
    try {
      return await next(context);
    } catch (error) {
      if (isUnwanted(scopeOf(context))) throw error;
      return await replace(error, context);
    }
  },
});
