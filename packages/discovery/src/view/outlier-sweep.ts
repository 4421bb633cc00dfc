import type { Member } from "./member.ts";
import type { OutlierAccount, OutlierDetection } from "../outlier/detection.ts";

/**
 * Compares the members of one view with each other once an interval. It has no timer: the first pick, report or look
 * after the interval makes the comparison as of the interval's end, so that an ejection ends when it would have.
 */
export class OutlierSweep {
  readonly #detection: OutlierDetection | undefined;
  readonly #ejected: (count: number) => void;
  /** When the interval under way ends; Infinity if there is nothing to compare. */
  dueMs: number;

  /** `ejected` is told how many each sweep has ejected. */
  constructor(
    detection: OutlierDetection | undefined,
    nowMs: number,
    ejected: (count: number) => void,
  ) {
    this.#detection = detection;
    this.#ejected = ejected;
    this.dueMs = nowMs + (detection?.sweepMs ?? Infinity);
  }

  /** Whether any was ejected; none is before it is due. O(n log n) at most once an interval. */
  run<M>(members: Iterable<Member<M>>, nowMs: number): boolean {
    const detection = this.#detection;
    const atMs = this.dueMs;
    if (detection === undefined || nowMs < atMs) return false;
    const missed = Math.floor((nowMs - atMs) / detection.sweepMs);
    this.dueMs = atMs + (missed + 1) * detection.sweepMs;
    const accounts: OutlierAccount[] = [];
    let serving = 0;
    for (const { outlier, retired, share } of members) {
      if (outlier === undefined) continue;
      outlier.closeInterval();
      // Those who drain get no picks, and their failures are those of leaving; the unselected get none either.
      if (retired || share === 0) continue;
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
    this.#ejected(ejected);
    return ejected > 0;
  }
}
