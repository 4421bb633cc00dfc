import {
  InvalidOptionError,
  requireDuration,
  systemClock,
  type Clock,
  type Duration,
} from "@dp/core";
import type { CallContext } from "../call.ts";

/** What one call of a {@link ScriptedService} does. */
export type ScriptLine<T = unknown> =
  /** Answers, `after` so long: at once if left out. */
  | { readonly after?: Duration | undefined; readonly result?: T }
  /** Fails with that error. */
  | { readonly after?: Duration | undefined; readonly fail: unknown }
  /** Never ends by itself. */
  | { readonly hang: true };

/** A call that a {@link ScriptedService} got. */
export interface ScriptedCall {
  /** When it began, in milliseconds of the service's clock. */
  readonly atMs: number;
  readonly attempt: number;
  readonly key: string | undefined;
}

/** A service that does what a script says, and remembers how it was called. */
export interface ScriptedService<T> {
  /** The service: hand it to a pipeline or breaker, or call it by itself. */
  readonly call: (context?: Partial<CallContext>) => Promise<T>;
  /** In the order in which they began. */
  readonly calls: readonly ScriptedCall[];
  /** Calls under way. */
  readonly inFlight: number;
  /** How many were under way at one moment at most. */
  readonly maxInFlight: number;
  /** Calls that ended because their signal aborted. */
  readonly aborted: number;
}

/** What a {@link scriptedService} is told beside its script. */
export interface ScriptedServiceOptions {
  /** What `after` is measured on. @defaultValue the system's */
  readonly clock?: Clock | undefined;
}

/**
 * A fake service for tests: the first call does what the first line says, the next what the second says, and so on.
 * When the script is at its end, every further call does what its last line says: a script ends in how the service is
 * from then on.
 *
 * A call ends as soon as its signal aborts, with the signal's reason, also one that hangs; it counts as `aborted` and
 * leaves no timer and no listener behind. Throws `InvalidOptionError` for a script without lines and a bad duration.
 */
export const scriptedService = <T = unknown>(
  script: readonly ScriptLine<T>[],
  options: ScriptedServiceOptions = {},
): ScriptedService<T> => {
  if (script.length === 0)
    throw new InvalidOptionError("script", script, "at least one line");
  return new Scripted(script.map(resolveLine), options.clock ?? systemClock);
};

/** A line with all that it leaves out. `afterMs` is `Infinity` for one that hangs. */
interface ResolvedLine<T> {
  readonly afterMs: number;
  readonly end: () => T;
}

const resolveLine = <T>(
  line: ScriptLine<T>,
  index: number,
): ResolvedLine<T> => {
  if ("hang" in line)
    return { afterMs: Infinity, end: () => undefined as never };
  const option = `script[${index}].after`;
  return {
    afterMs: requireDuration(option, line.after ?? 0),
    end: () => {
      if ("fail" in line) throw line.fail;
      return line.result as T;
    },
  };
};

class Scripted<T> implements ScriptedService<T> {
  readonly calls: ScriptedCall[] = [];
  inFlight = 0;
  maxInFlight = 0;
  aborted = 0;
  readonly #lines: readonly ResolvedLine<T>[];
  readonly #clock: Clock;

  constructor(lines: readonly ResolvedLine<T>[], clock: Clock) {
    this.#lines = lines;
    this.#clock = clock;
  }

  readonly call = async ({
    signal,
    attempt = 1,
    key,
  }: Partial<CallContext> = {}): Promise<T> => {
    const last = this.#lines.length - 1;
    const line = this.#lines[Math.min(this.calls.length, last)];
    const { afterMs, end } = line as ResolvedLine<T>;
    this.calls.push({ atMs: this.#clock.now(), attempt, key });
    this.maxInFlight = Math.max(this.maxInFlight, ++this.inFlight);
    try {
      await this.#pause(afterMs, signal);
    } catch (error) {
      this.aborted++;
      throw error;
    } finally {
      this.inFlight--;
    }
    return end();
  };

  /** Rejects when the signal aborts. */
  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (ms === Infinity) await abortOf(signal);
    else if (ms > 0) await this.#clock.sleep(ms, signal);
  }
}

/** Rejects with the signal's reason when it aborts. No timer waits for it, so a process may end meanwhile. */
const abortOf = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener(
      "abort",
      () => {
        reject(signal.reason as Error);
      },
      { once: true },
    );
  });
