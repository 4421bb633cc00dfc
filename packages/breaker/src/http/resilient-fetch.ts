import type { CallContext } from "../call.ts";
import { isUnwanted, scopeOf } from "../context.ts";
import type { Pipeline } from "../pipeline.ts";
import { sendUnder } from "./attempt.ts";
import { ownSettings } from "./own-settings.ts";
import { isRepeatable, requestOf } from "./repeatable.ts";
import { Responses } from "./responses.ts";

/** What {@link resilientFetch} can be told. */
export interface ResilientFetchOptions {
  /**
   * What sends each attempt.
   *
   * @defaultValue the global `fetch` at the time of the call
   */
  readonly fetch?: typeof fetch | undefined;
  /**
   * The `context.key` of a request. The default tells services apart, as for `keyed`, not what is asked of them: no key
   * to `coalesce` by.
   *
   * @defaultValue the origin of its URL
   */
  readonly key?: ((url: string) => string | undefined) | undefined;
}

/**
 * `fetch` through a pipeline: each attempt of its policies is one request. Takes what `fetch` takes, gives back what
 * `fetch` gives back, and rejects with what the pipeline rejects with. Give the pipeline `httpClassify`: without it
 * every response is a success.
 *
 * - Sent once only, whatever retry or hedge would like: requests whose method is not idempotent, unless they carry an
 *   `Idempotency-Key` header, and requests whose body is a stream. The body of a `Request` is one.
 * - The response handed to the caller is untouched. The caller's signal also aborts its body; a timeout ends with the
 *   response's headers. Responses that nobody gets have their bodies cancelled, before the pause of the retry.
 * - Calls that a `coalesce` merges get the very same response, whose body only one of them can read: coalesce what is
 *   made of it.
 * - When the attempts are used up, the last response is given back as it is, a 503 too.
 */
export const resilientFetch = (
  pipeline: Pipeline<Response>,
  options: ResilientFetchOptions = {},
): typeof fetch => {
  const keyOf = options.key ?? originOf;
  return async (input, settings) => {
    const send = options.fetch ?? fetch;
    const init = ownSettings(settings);
    const request = requestOf(input);
    // Null takes the request's own signal away.
    const signal = init?.signal === undefined ? request?.signal : init.signal;
    const responses = new Responses();
    let kept: Response | undefined;
    try {
      kept = await pipeline.run(
        async (context) => {
          const response = await sendUnder(context, (own) =>
            send(input, { ...init, signal: own }),
          );
          responses.add(response, isShared(context));
          return response;
        },
        {
          signal: signal ?? undefined,
          key: keyOf(request?.url ?? String(input as string | URL)),
          repeatable: isRepeatable(input, init),
          discard: (value) => responses.discard(value),
        },
      );
      return kept;
    } finally {
      responses.settle(kept);
    }
  };
};

/** Whether a run that goes on is somebody else's too, because a `coalesce` has merged their calls. */
const isShared = (context: CallContext): boolean => {
  const scope = scopeOf(context);
  return (
    scope.interest !== undefined &&
    !isUnwanted(scope) &&
    !context.signal.aborted
  );
};

const originOf = (url: string): string | undefined => URL.parse(url)?.origin;
