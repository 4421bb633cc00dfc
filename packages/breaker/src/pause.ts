import type { CallContext } from "./call.ts";
import { unwatchAbort, watchAbort, type CallScope } from "./context.ts";

/** Resolves after so long, or rejects with the signal's reason as soon as the context's signal aborts. */
export const pause = (
  pauseMs: number,
  context: CallContext,
  scope: CallScope,
): Promise<void> =>
  new Promise((resolve, reject) => {
    context.signal.throwIfAborted();
    if (pauseMs === 0) {
      resolve();
      return;
    }
    const giveUp = (): void => {
      cancel();
      reject(context.signal.reason as Error);
    };
    const cancel = scope.clock.schedule(pauseMs, () => {
      unwatchAbort(context, scope, giveUp);
      resolve();
    });
    watchAbort(context, scope, giveUp);
  });
