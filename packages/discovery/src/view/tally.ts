import type { Member } from "./member.ts";
import type { TierHealth } from "./tier-loads.ts";

/** The serving members of one priority by what is known of their health. */
export class Tally<M> {
  readonly priority: number;
  readonly serving: Member<M>[] = [];
  readonly ready: Member<M>[] = [];
  readonly pending: Member<M>[] = [];

  constructor(priority: number) {
    this.priority = priority;
  }

  get judged(): number {
    return this.serving.length - this.pending.length;
  }

  /** Those without a health result count for nothing, unless nobody anywhere is known to be ready. */
  health(anyReady: boolean): TierHealth {
    return anyReady
      ? { healthy: this.ready.length, total: this.judged }
      : { healthy: this.pending.length, total: this.serving.length };
  }
}
