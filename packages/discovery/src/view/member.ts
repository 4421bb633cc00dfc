import type { Balancer, Candidate } from "../balancers/balancer.ts";
import type { Prober } from "../health/prober.ts";
import type { Instance } from "../instance.ts";
import type { OutlierAccount } from "../outlier/detection.ts";
import type { Standing } from "./service-view.ts";
import type { SlowStart } from "../slow-start.ts";

/**
 * One address of one id in one view: the candidate handed to the balancer, and all that is known of it. The same id on
 * another address is another member, so that no verdict on the old process is held against the new one.
 */
export class Member<M> implements Candidate<M> {
  readonly id: string;
  instance: Instance<M>;
  /** The registry's weight times the share of use and the slow start's factor, as of the last `weigh`. */
  weight: number;
  readonly outlier: OutlierAccount | undefined;
  prober: Prober<M> | undefined;
  healthy: boolean | undefined;
  inFlight = 0;
  /** False for what the registry's last word lacks, or what only the snapshot file knows. */
  confirmed = true;
  /** When an unconfirmed one goes. */
  goesAtMs: number = Infinity;
  /** False once removed or replaced: its late reports are of no consequence. */
  present = true;
  /** Removed or draining: gets no pick, not even before the candidates are worked out anew. */
  retired: boolean;
  /** Joined after the first snapshot, and has not begun its slow start. */
  isNew: boolean;
  /** When the slow start began; -Infinity: it never did. */
  rampFromMs: number = -Infinity;
  rampFactor = 1;
  /** Among the members of its priority, for the subset. */
  rank = 0;
  /** How much of it the subset uses. */
  share = 1;
  /** Who chooses in the tier it is a candidate of. */
  balancer: Balancer | undefined;
  /** The balancer's. */
  seat: unknown = undefined;

  constructor(
    instance: Instance<M>,
    outlier: OutlierAccount | undefined,
    isNew: boolean,
  ) {
    this.id = instance.id;
    this.instance = instance;
    this.weight = instance.weight;
    this.outlier = outlier;
    this.isNew = isNew;
    this.retired = instance.state === "draining";
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
    if (this.share === 0) return "unselected";
    if (this.healthy === false) return "unhealthy";
    if (nowMs < this.ejectedUntilMs) return "ejected";
    if (this.prober !== undefined && this.healthy === undefined)
      return "pending";
    return "ready";
  }

  /** Brings the weight up to date; true while the slow start is under way. */
  weigh(slowStart: SlowStart | undefined, nowMs: number): boolean {
    const ageMs = nowMs - this.rampFromMs;
    const ramping = slowStart !== undefined && ageMs < slowStart.windowMs;
    this.rampFactor = ramping ? slowStart.factor(ageMs) : 1;
    this.weight = this.instance.weight * this.share * this.rampFactor;
    return ramping;
  }
}
