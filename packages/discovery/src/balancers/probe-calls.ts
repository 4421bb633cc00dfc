import type { Clock } from "@dp/core";
import type { Instance, Metadata } from "../instance.ts";
import type { Seat } from "./roster.ts";

/** What an instance says of itself. */
export interface ProbeAnswer {
  /** Requests it is working on, from all its clients. */
  readonly inFlight: number;
  /** How long it would take for one more: the median of its recent ones at about as many in flight. */
  readonly latencyMs: number;
}

/** Asks an instance for its load. `signal` aborts when the answer is no longer waited for. */
export type LoadProbe<M = Metadata> = (
  instance: Instance<M>,
  signal: AbortSignal,
) => Promise<ProbeAnswer>;

/**
 * Probes under way: at most one an instance and `limit` in all; one that is not answered in time is aborted and counts
 * no more. Failures and answers that make no sense are dropped.
 */
export class ProbeCalls<S extends Seat> {
  readonly #probe: LoadProbe;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #limit: number;
  readonly #answered: (seat: S, answer: ProbeAnswer) => void;
  readonly #underWay = new Map<S, AbortController>();

  constructor(
    probe: LoadProbe,
    clock: Clock,
    timeoutMs: number,
    limit: number,
    answered: (seat: S, answer: ProbeAnswer) => void,
  ) {
    this.#probe = probe;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#limit = limit;
    this.#answered = answered;
  }

  /** Returns before the probe is called, so that it may use the balancer itself. */
  start(seat: S): void {
    if (this.#underWay.size >= this.#limit || this.#underWay.has(seat)) return;
    const controller = new AbortController();
    this.#underWay.set(seat, controller);
    void this.#run(seat, controller);
  }

  async #run(seat: S, controller: AbortController): Promise<void> {
    const { signal } = controller;
    const cancel = this.#clock.schedule(this.#timeoutMs, () => {
      this.#underWay.delete(seat);
      controller.abort();
    });
    try {
      await Promise.resolve();
      const answer = await this.#probe(seat.candidate.instance, signal);
      if (!signal.aborted && answer.inFlight >= 0 && answer.latencyMs >= 0)
        this.#answered(seat, answer);
    } catch {
      // Who does not answer is not in the pool: nothing else is to be done about it.
    } finally {
      cancel();
      if (!signal.aborted) this.#underWay.delete(seat);
    }
  }
}
