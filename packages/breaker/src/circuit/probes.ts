import type { IssuedPermit } from "./issued-permit.ts";

/** The probes of one half-open phase: at most as many are let through as must succeed. */
export class Probes {
  readonly state = "half-open";
  readonly needed: number;
  readonly leaseMs: number;
  #passed = 0;
  /** Under way, oldest first. */
  readonly #pending: IssuedPermit[] = [];

  constructor(needed: number, leaseMs: number) {
    this.needed = needed;
    this.leaseMs = leaseMs;
  }

  get passed(): number {
    return this.#passed;
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Whether another probe would be one too many: those under way are enough if all succeed. */
  get full(): boolean {
    return this.#passed + this.#pending.length >= this.needed;
  }

  /** When the oldest probe under way has outstayed its lease. */
  get expiresAtMs(): number {
    const [oldest] = this.#pending;
    return oldest === undefined ? Infinity : oldest.issuedAtMs + this.leaseMs;
  }

  add(permit: IssuedPermit): void {
    this.#pending.push(permit);
  }

  /** Frees the permit's place. The verdict on the circuit, as soon as there is one. */
  settle(
    permit: IssuedPermit,
    verdict: "success" | "failure" | "ignore",
  ): "passed" | "failed" | undefined {
    this.#pending.splice(this.#pending.indexOf(permit), 1);
    if (verdict === "failure") return "failed";
    if (verdict === "success" && ++this.#passed === this.needed)
      return "passed";
    return undefined;
  }
}
