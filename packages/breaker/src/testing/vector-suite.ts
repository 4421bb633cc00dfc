import { equal, ok } from "node:assert/strict";
import type { Clock } from "@dp/core";
import type { CircuitState } from "../circuit-state.ts";
import type { Permit } from "../permit.ts";
import { VirtualClock } from "../replay/virtual-clock.ts";
import type { SuiteCase } from "./suite-case.ts";
import { breakerVectors } from "./vectors/breaker-vectors.ts";
import type {
  BreakerVector,
  VectorOptions,
  VectorStep,
} from "./vectors/vector.ts";

/** What of a permit the vectors use. */
export type VectorPermit = Pick<Permit, "success" | "failure" | "ignore">;

/** A circuit breaker as the vectors use it: a `CircuitBreaker` is one. */
export interface VectorSubject {
  readonly state: CircuitState;
  tryPermit(): VectorPermit | undefined;
  isolate(): Disposable;
  reset(): void;
}

/**
 * Runs every one of the {@link breakerVectors} on what `create` makes: a circuit with exactly those options, closed,
 * whose time is that of the clock. The clock has no timers: what time alone changes has to show whenever it is asked.
 */
export const vectorSuite = (
  create: (options: VectorOptions, clock: Clock) => VectorSubject,
): SuiteCase[] =>
  breakerVectors.map((vector) => ({
    name: vector.name,
    run: () => new VectorRun(vector, create).play(),
  }));

class VectorRun {
  readonly #steps: readonly VectorStep[];
  readonly #clock: VirtualClock;
  readonly #subject: VectorSubject;
  readonly #permits = new Map<string, VectorPermit | undefined>();
  readonly #isolations = new Map<string, Disposable>();

  constructor(
    { options, steps }: BreakerVector,
    create: (options: VectorOptions, clock: Clock) => VectorSubject,
  ) {
    this.#steps = steps;
    this.#clock = new VirtualClock(0);
    this.#subject = create(options, this.#clock);
  }

  play(): void {
    for (const [index, step] of this.#steps.entries()) {
      this.#clock.moveTo(step.atMs);
      this.#take(step, `step ${index}, ${step.do} at ${step.atMs} ms`);
    }
  }

  #take(step: VectorStep, place: string): void {
    const subject = this.#subject;
    switch (step.do) {
      case "permit": {
        const permit = subject.tryPermit();
        const answer = permit === undefined ? "refused" : "granted";
        equal(answer, step.expect, place);
        this.#permits.set(step.id, permit);
        break;
      }
      case "success":
      case "failure":
      case "ignore":
        this.#permits.get(step.id)?.[step.do]();
        break;
      case "call":
        for (let time = 0; time < (step.times ?? 1); time++) {
          const permit = subject.tryPermit();
          ok(permit, `${place}: call ${time} is refused`);
          permit[step.outcome]();
        }
        break;
      case "refusals":
        for (let time = 0; time < step.times; time++)
          equal(subject.tryPermit(), undefined, `${place}: a call passes`);
        break;
      case "state":
        equal(subject.state, step.expect, place);
        break;
      case "isolate":
        this.#isolations.set(step.id, subject.isolate());
        break;
      case "release":
        this.#isolations.get(step.id)?.[Symbol.dispose]();
        break;
      case "reset":
        subject.reset();
        break;
    }
  }
}
