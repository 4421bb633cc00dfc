import { setTimeout as sleep } from "node:timers/promises";
import type { InstanceState, RegistrationSpec } from "@dp/discovery";
import type { Announcement } from "./registry-front.ts";

/** A process's own place on the list of instances, kept alive until closed. */
export interface Tenant {
  /** Resolves when the registry knows: from then on no new pick falls on this instance. */
  setState(state: InstanceState): Promise<void>;
  /** Stops renewing and leaves the list. Never rejects: without a front the lease runs out by itself. */
  close(): Promise<void>;
}

const requestLimitMs = 2_000;
const retryMs = 200;

/**
 * Puts `spec` on the list of the registry behind `frontUrl` and renews at a third of the ttl. A front that does not
 * know the lease (it expired, or the front started anew) is told of the instance again; one that is away is tried until
 * it comes back. Resolves when the instance is on the list for the first time.
 */
export const register = async (
  frontUrl: string,
  spec: RegistrationSpec<unknown>,
  ttlMs = 3_000,
): Promise<Tenant> => {
  let state: InstanceState = "serving";
  let lease = "";
  let superseded = false;
  const closing = new AbortController();

  const call = async (
    method: string,
    path: string,
    content?: unknown,
  ): Promise<Response> =>
    fetch(new URL(path, frontUrl), {
      method,
      ...(content !== undefined && { body: JSON.stringify(content) }),
      signal: AbortSignal.timeout(requestLimitMs),
    });

  const announce = async (): Promise<void> => {
    const announcement: Announcement = { spec, ttlMs, state };
    const response = await call("PUT", "/leases", announcement);
    if (response.status !== 201)
      throw new Error(`not registered: ${await response.text()}`);
    ({ lease } = (await response.json()) as { lease: string });
  };

  const renew = async (): Promise<void> => {
    const { status } = await call("POST", `/leases/${lease}/renew`);
    if (status === 404) await announce();
    superseded = status === 409;
  };

  // One thing after another: a renewal that finds the lease gone must not announce what is being closed.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };

  const pause = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: closing.signal, ref: false }).catch(
      () => undefined,
    );
  const keepRenewing = async (): Promise<void> => {
    for (;;) {
      await pause(ttlMs / 3);
      if (closing.signal.aborted || superseded) return;
      await inTurn(renew).catch(() => undefined);
    }
  };

  for (;;) {
    try {
      await inTurn(announce);
      break;
    } catch {
      await sleep(retryMs);
    }
  }
  void keepRenewing();

  return {
    setState: (next) =>
      inTurn(async () => {
        state = next;
        const { status } = await call("POST", `/leases/${lease}/state`, state);
        if (status === 404) await announce();
      }),
    close: () => {
      closing.abort();
      return inTurn(async () => {
        await call("DELETE", `/leases/${lease}`);
      }).catch(() => undefined);
    },
  };
};
