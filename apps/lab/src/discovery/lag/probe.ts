import {
  powerOfTwo,
  type Balancer,
  type Candidate,
  type PickRequest,
  type Report,
} from "@dp/discovery";
import { machineMs, type Stamp } from "./changes.ts";

/** powerOfTwo, and a note of when each change came to where the next pick sees it. */
export class Probe implements Balancer {
  /** Milliseconds from a write to its being seen, in the order seen. */
  lagsMs: number[] = [];
  /** Looking for what changed costs time of its own. */
  isNoting = false;
  readonly #inner = powerOfTwo();
  #known: readonly unknown[] = [];

  update(candidates: readonly Candidate[]): void {
    this.#inner.update(candidates);
    if (!this.isNoting) {
      this.#known = [];
      return;
    }
    const nowMs = machineMs();
    const instances = candidates.map(({ instance }) => instance);
    for (const [index, instance] of instances.entries()) {
      // What was there at first says nothing of lag.
      if (instance === (this.#known[index] ?? instance)) continue;
      const { writtenMs } = instance.metadata as Stamp;
      if (writtenMs !== undefined) this.lagsMs.push(nowMs - writtenMs);
    }
    this.#known = instances;
  }

  pick(request?: PickRequest): Candidate | undefined {
    return this.#inner.pick(request);
  }

  settle(candidate: Candidate, report: Report): void {
    this.#inner.settle(candidate, report);
  }
}
