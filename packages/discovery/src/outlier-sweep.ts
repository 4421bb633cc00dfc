import type { Member } from "./member.ts";
import type { OutlierAccount, OutlierDetection } from "./outlier/detection.ts";

/**
 * Compares the members of one view with each other once an interval. It has no timer: the first pick, report or look
 * after the interval makes the comparison as of the interval's end, so that an ejection ends when it would have.
 */
export class OutlierSweep {
  readonly #detection: OutlierDetection | undefined;
  /** When the interval under way ends; Infinity if there is nothing to compare. */
  dueMs: number;

  constructor(detection: OutlierDetection | undefined, nowMs: number) {
    this.#detection = detection;
    this.dueMs = nowMs + (detection?.sweepMs ?? Infinity);
  }

  /** How many were ejected; none before it is due. O(n log n) at most once an interval. */
  run<M>(members: Iterable<Member<M>>, nowMs: number): number {
    const detection = this.#detection;
    const atMs = this.dueMs;
    if (detection === undefined || nowMs < atMs) return 0;
    const missed = Math.floor((nowMs - atMs) / detection.sweepMs);
    this.dueMs = atMs + (missed + 1) * detection.sweepMs;
    const accounts: OutlierAccount[] = [];
    let serving = 0;
    for (const { outlier, instance } of members) {
      if (outlier === undefined) continue;
      outlier.closeInterval();
      // Those who drain get no picks, and their failures are those of leaving.
      if (instance.state === "draining") continue;
      serving++;
      if (outlier.ejectedUntilMs <= atMs) accounts.push(outlier);
    }
    const before = serving - accounts.length;
    let ejected = 0;
    for (const account of detection.outliers(accounts)) {
      if (!detection.mayEject(before + ejected, serving)) break;
      account.eject(atMs);
      ejected++;
    }
    return ejected;
  }
}
