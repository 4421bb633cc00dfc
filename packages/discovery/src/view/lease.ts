import type { Balancer, Report } from "../balancers/balancer.ts";
import type { Instance } from "../instance.ts";
import type { Member } from "./member.ts";
import type { Lease } from "./service-view.ts";

/** Who is told of the one outcome of a lease. */
export interface LeaseOwner<M> {
  /** `balancer` is the one that picked. */
  settle(
    member: Member<M>,
    balancer: Balancer | undefined,
    report: Report,
  ): void;
}

/** The only object a pick allocates; it is its own report. */
export class ViewLease<M> implements Lease<M>, Report {
  readonly instance: Instance<M>;
  outcome: Report["outcome"] = "cancelled";
  latencyMs: number | undefined;
  readonly #owner: LeaseOwner<M>;
  readonly #member: Member<M>;
  /** The member may be another's by the time of the report. */
  readonly #balancer: Balancer | undefined;
  #settled = false;

  constructor(owner: LeaseOwner<M>, member: Member<M>) {
    this.instance = member.instance;
    this.#owner = owner;
    this.#member = member;
    this.#balancer = member.balancer;
  }

  success(latencyMs?: number): void {
    this.#settle("success", latencyMs);
  }

  failure(): void {
    this.#settle("failure", undefined);
  }

  [Symbol.dispose](): void {
    this.#settle("cancelled", undefined);
  }

  #settle(outcome: Report["outcome"], latencyMs: number | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.outcome = outcome;
    this.latencyMs = latencyMs;
    this.#owner.settle(this.#member, this.#balancer, this);
  }
}
