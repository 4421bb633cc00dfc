import { bodyOf } from "./body-of.ts";

/**
 * The responses to one guarded request, of which the caller gets one at most. The bodies of the others are cancelled,
 * so that their connections are free.
 */
export class Responses {
  readonly #held = new Set<Response>();
  #settled = false;

  /** `isShared`: whether others wait for the same run, who may want it when the caller has left. */
  add(response: Response, isShared: boolean): void {
    if (this.#settled && !isShared) cancel(response);
    else this.#held.add(response);
  }

  /** Cancels `value` if it is one of them. */
  discard(value: unknown): void {
    if (this.#held.delete(value as Response)) cancel(value as Response);
  }

  /** Cancels all but `kept`, also those still to come. One that was made of the same body is not touched either. */
  settle(kept: Response | undefined): void {
    this.#settled = true;
    for (const response of this.#held)
      if (response !== kept && response.body !== kept?.body) cancel(response);
    this.#held.clear();
  }
}

const cancel = (response: Response): void => {
  const body = bodyOf(response);
  // Somebody who reads it frees the connection too.
  if (body === undefined || body.locked) return;
  body.cancel().catch(() => undefined);
};
