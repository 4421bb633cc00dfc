import type { WireRequest } from "./client.ts";
import type { Verdict } from "./verdict.ts";

/** What a load got, counted. */
export class Tally {
  readonly counts: Record<Verdict["kind"], number> = {
    right: 0,
    "service-error": 0,
    problem: 0,
    cut: 0,
    wrong: 0,
  };
  /** Right answers by instance. */
  readonly byInstance: Map<string, number> = new Map();
  readonly problems: Map<number, number> = new Map();
  /** The first wrong answers, in words. */
  readonly wrongs: string[] = [];
  /** Attempts to connect that nobody accepted; nothing was sent. */
  unconnected = 0;

  /** Everything that was sent. */
  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  add(request: WireRequest, verdict: Verdict): void {
    this.counts[verdict.kind]++;
    if (verdict.kind === "right") bump(this.byInstance, verdict.instance);
    if (verdict.kind === "problem") bump(this.problems, verdict.status);
    if (verdict.kind === "wrong" && this.wrongs.length < 5)
      this.wrongs.push(`${request.method} ${request.target}: ${verdict.why}`);
  }

  /** `812 right, 3 problem (502: 1, 503: 2)`, leaving out what did not happen. */
  toString(): string {
    const statuses = Array.from(
      this.problems,
      ([status, count]) => `${status}: ${count}`,
    ).join(", ");
    return Object.entries(this.counts)
      .filter(([kind, count]) => count > 0 || kind === "right")
      .map(
        ([kind, count]) =>
          `${count} ${kind}${kind === "problem" ? ` (${statuses})` : ""}`,
      )
      .join(", ");
  }
}

const bump = <K>(counts: Map<K, number>, key: K): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};
