import type { Clock } from "@dp/core";

/** One request, as the access log tells it. Absent members are left out of the line. */
export interface AccessEntry {
  readonly requestId: string;
  readonly client: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** What the client was answered; 499 when it left first. */
  readonly status: number;
  /** Why the gateway answered itself, or why the answer was cut. */
  readonly error: string | undefined;
  readonly durationMs: number;
  readonly bytes: number;
  readonly route: string | undefined;
  readonly service: string | undefined;
  readonly instance: string | undefined;
  readonly attempts: number;
  readonly authId: string | undefined;
}

/** One JSON line for the access log. */
export const accessLine = (clock: Clock, entry: AccessEntry): string =>
  JSON.stringify({
    time: new Date(clock.wallNow()).toISOString(),
    ...entry,
    durationMs: Math.round(entry.durationMs * 1000) / 1000,
  });
