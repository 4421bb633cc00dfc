import type { Permit } from "../permit.ts";

/** Where a permit reports to. */
export interface PermitOwner {
  settle(
    permit: IssuedPermit,
    verdict: "success" | "failure" | "ignore",
    error: unknown,
  ): void;
}

/** The one object a guarded call costs. */
export class IssuedPermit implements Permit {
  readonly generation: number;
  /** When it was issued; 0 if nobody will ask. */
  readonly issuedAtMs: number;
  /** What the trip's watch on calls under way gave for it. */
  flight: unknown = undefined;
  readonly #owner: PermitOwner;
  #settled = false;

  constructor(owner: PermitOwner, generation: number, issuedAtMs: number) {
    this.#owner = owner;
    this.generation = generation;
    this.issuedAtMs = issuedAtMs;
  }

  success(): void {
    this.#settle("success", undefined);
  }

  failure(error?: unknown): void {
    this.#settle("failure", error);
  }

  ignore(): void {
    this.#settle("ignore", undefined);
  }

  [Symbol.dispose](): void {
    this.#settle("ignore", undefined);
  }

  #settle(verdict: "success" | "failure" | "ignore", error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#owner.settle(this, verdict, error);
  }
}
