import type { Candidate } from "./balancers/balancer.ts";
import type { Prober } from "./health/prober.ts";
import type { Instance } from "./instance.ts";
import type { OutlierAccount } from "./outlier/detection.ts";
import type { Standing } from "./service-view.ts";

/**
 * One address of one id in one view: the candidate handed to the balancer, and all that is known of it. The same id on
 * another address is another member, so that no verdict on the old process is held against the new one.
 */
export class Member<M> implements Candidate<M> {
  instance: Instance<M>;
  readonly outlier: OutlierAccount | undefined;
  prober: Prober<M> | undefined;
  healthy: boolean | undefined;
  inFlight = 0;
  /** Infinity when the registry's last word has it; else when it goes. */
  unconfirmedUntilMs: number = Infinity;
  /** False once removed or replaced: its late reports are of no consequence. */
  present = true;

  constructor(instance: Instance<M>, outlier: OutlierAccount | undefined) {
    this.instance = instance;
    this.outlier = outlier;
  }

  get id(): string {
    return this.instance.id;
  }

  get weight(): number {
    return this.instance.weight;
  }

  isAt(instance: Instance<M>): boolean {
    return (
      this.instance.host === instance.host &&
      this.instance.port === instance.port
    );
  }

  /** -Infinity if never ejected. */
  get ejectedUntilMs(): number {
    return this.outlier?.ejectedUntilMs ?? -Infinity;
  }

  standing(nowMs: number): Standing {
    if (this.instance.state === "draining") return "draining";
    if (this.healthy === false) return "unhealthy";
    if (nowMs < this.ejectedUntilMs) return "ejected";
    if (this.prober !== undefined && this.healthy === undefined)
      return "pending";
    return "ready";
  }
}
