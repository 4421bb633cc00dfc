import { NotDone, Rejected } from "@dp/saga";
import { isRefusal } from "../../refusal.ts";

/** Another service, as a step of an order calls it. */
export interface Participant {
  /** Has the deed done under this key, however often it is asked for. Resolves to what it says about it. */
  do(key: string, deed: object, signal: AbortSignal): Promise<unknown>;
  /** Has the deed of this key undone, or never done. */
  undo(key: string, signal: AbortSignal): Promise<void>;
}

/**
 * The participant whose deeds lie below `url`, which leads through the gateway. What its answers mean to an order:
 *
 * - 503 and 429, as well as a refused connection: nothing was done. The gateway repeats on these routes only what surely
 *   was not done, and the services answer 503 only then.
 * - Other 4xx: it will never be done.
 * - Everything else, silence included: nobody knows. The same key makes another call harmless.
 */
export const participantAt = (url: string): Participant => {
  const call = async (
    method: string,
    key: string,
    signal: AbortSignal,
    deed?: object,
  ): Promise<unknown> => {
    const response = await fetch(`${url}/${encodeURIComponent(key)}`, {
      method,
      signal,
      ...(deed !== undefined && { body: JSON.stringify(deed) }),
    }).catch((error: unknown) => {
      if (isRefusal(error)) throw new NotDone("connection refused");
      throw error;
    });
    const { status, headers } = response;
    const answer = (await response.json()) as {
      readonly detail?: string;
      readonly content?: { readonly problem?: string };
    };
    if (response.ok) return answer.content;
    const why = `${status} ${answer.content?.problem ?? answer.detail ?? ""}`;
    if (status === 503 || status === 429) {
      const retryAfter = Number(headers.get("retry-after") ?? 0) * 1_000;
      throw new NotDone(why, { retryAfter });
    }
    if (status < 500) throw new Rejected(why);
    throw new Error(why);
  };
  return {
    do: (key, deed, signal) => call("PUT", key, signal, deed),
    undo: async (key, signal) => {
      await call("DELETE", key, signal);
    },
  };
};
