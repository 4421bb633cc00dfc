import type { Admission } from "./admit.ts";
import type { ClientAnswer } from "./client-answer.ts";
import type { Forward } from "./forward.ts";
import type { Runtime } from "./runtime.ts";

/** A request that is over. */
export interface EndedExchange {
  readonly runtime: Runtime;
  readonly admission: Admission;
  readonly answer: ClientAnswer;
  /** Undefined if the request was not forwarded. */
  readonly forward: Forward | undefined;
  readonly requestId: string;
  readonly startMs: number;
  /** Why the gateway answered itself, or why the answer was cut. */
  readonly error: string | undefined;
}

/** Counts a request that is over, and logs it. */
export const record = (ended: EndedExchange): void => {
  const { runtime, admission, answer, forward } = ended;
  const { head, route } = admission;
  const durationMs = runtime.clock.now() - ended.startMs;
  (route?.stats ?? runtime.unrouted).record(answer.status, durationMs);
  runtime.log?.({
    requestId: ended.requestId,
    client: admission.clientAddress,
    method: head.method,
    path: admission.path === "" ? head.path : admission.path,
    host: head.authority,
    status: answer.status,
    error: ended.error,
    durationMs,
    bytes: answer.bytes,
    route: route?.name,
    service: forward?.service.name,
    instance: forward?.instance,
    attempts: forward?.attempts ?? 0,
    authId: admission.authId,
  });
};
