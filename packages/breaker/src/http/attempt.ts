import type { CallContext } from "../call.ts";
import { scopeOf, unwatchAbort, watchAbort } from "../context.ts";
import { bodyOf } from "./body-of.ts";

/** Ends what listens on behalf of a body that nobody holds any more. */
const abandoned = new FinalizationRegistry<() => void>((stop) => stop());

/**
 * What `send` gives when it is called with a signal that aborts with the context's until there is a response, and with
 * the caller's for as long as the response's body lives.
 *
 * The body is read after the call has ended. By then the signal of a timeout follows the caller no more, and what other
 * policies do with theirs is no longer the response's business.
 */
export const sendUnder = async (
  context: CallContext,
  send: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> => {
  const scope = scopeOf(context);
  const { caller } = scope;
  if (caller === context.signal) return send(caller);
  context.signal.throwIfAborted();
  // Not all policies hand the caller's abort on.
  caller?.throwIfAborted();
  const controller = new AbortController();
  const follow = (): void => controller.abort(context.signal.reason);
  const followCaller = (): void => controller.abort(caller?.reason);
  const stop = (): void => caller?.removeEventListener("abort", followCaller);
  watchAbort(context, scope, follow);
  caller?.addEventListener("abort", followCaller, { once: true });
  try {
    const response = await send(controller.signal);
    const body = bodyOf(response);
    if (body === undefined) stop();
    else if (caller !== undefined) abandoned.register(body, stop);
    return response;
  } catch (error) {
    stop();
    throw error;
  } finally {
    unwatchAbort(context, scope, follow);
  }
};
