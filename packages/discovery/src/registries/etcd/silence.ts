import { DpError, type Clock } from "@dp/core";
import { attempt } from "../../remote/attempt.ts";

export interface SilenceOptions {
  readonly clock: Clock;
  /** The longest silence, in milliseconds. */
  readonly limitMs: number;
  /** Asks the other end for any sign of life, over another connection. */
  readonly ask: (signal: AbortSignal) => Promise<void>;
  /** Called once, when the other end was silent for too long. */
  readonly tooLong: (error: Error) => void;
}

/**
 * Notices within a limit that the other end of a connection has gone, although nothing says so: a stopped process, a
 * cable that was pulled. Halfway through the limit it asks over another connection, and what is left is for the answer.
 * One timer, which is not moved by each sign of life.
 */
export class Silence {
  readonly #options: SilenceOptions;
  readonly #end = new AbortController();
  #heardMs: number;
  #isOpen = false;
  #cancel: () => void;

  constructor(options: SilenceOptions) {
    this.#options = options;
    this.#heardMs = options.clock.now();
    this.#cancel = options.clock.schedule(options.limitMs, this.#look);
  }

  /** Something was heard over the connection itself. */
  heard(): void {
    this.#heardMs = this.#options.clock.now();
  }

  /** The connection stands: from now on silence is asked about. */
  opened(): void {
    this.heard();
    if (this.#isOpen || this.#end.signal.aborted) return;
    this.#isOpen = true;
    this.#wait(this.#options.limitMs / 2);
  }

  stop(): void {
    this.#cancel();
    this.#end.abort();
  }

  readonly #look = (): void => {
    const { clock, limitMs, tooLong } = this.#options;
    const allowedMs = this.#isOpen ? limitMs / 2 : limitMs;
    const leftMs = this.#heardMs + allowedMs - clock.now();
    if (leftMs > 0) this.#wait(leftMs);
    else if (this.#isOpen) void this.#ask();
    else
      tooLong(
        new DpError(
          "DP_REGISTRY_TIMEOUT",
          `the watch was not opened within ${limitMs} ms`,
          {
            retryable: true,
          },
        ),
      );
  };

  async #ask(): Promise<void> {
    const { clock, limitMs, ask, tooLong } = this.#options;
    const { signal } = this.#end;
    try {
      await attempt(clock, limitMs / 2, signal, ask);
      if (signal.aborted) return;
      this.heard();
      this.#wait(limitMs / 2);
    } catch (error) {
      if (!signal.aborted)
        tooLong(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #wait(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#options.clock.schedule(delayMs, this.#look);
  }
}
