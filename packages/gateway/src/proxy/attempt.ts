import type { Permit } from "@dp/breaker";
import type { Lease } from "@dp/discovery";
import { frameBytes } from "../http1/frame-body.ts";
import type {
  ResponseSink,
  UpstreamConnection,
  UpstreamFault,
} from "../http1/upstream-connection.ts";
import type { ConnectionWaiter, UpstreamPool } from "../http1/upstream-pool.ts";
import type { RequestHead, ResponseHead } from "../message.ts";
import type { Service } from "../service.ts";
import type { HeldBody } from "./held-body.ts";

/** How an attempt failed; `timeout` is the gateway's own impatience. */
export type AttemptFault = UpstreamFault | "timeout";

/** The request on whose behalf an attempt is made. */
export interface AttemptOwner {
  readonly head: RequestHead;
  readonly body: HeldBody;
  /** The request's head as the upstream gets it, with framing. */
  requestText(): string;
  /** The request was sent: the wait for a connection is over. */
  sent(): void;
  interim(head: ResponseHead): void;
  answered(head: ResponseHead, body: string, last: boolean): void;
  data(pieces: readonly Buffer[], size: number, last: boolean): void;
  /** The upstream takes more of the body again. */
  bodyWanted(): void;
  /** The attempt is over without a (whole) answer. */
  attemptFailed(fault: AttemptFault, why: string): void;
}

/**
 * One try to have one instance answer a request. How it ends is reported once to the breaker (by its permit) and to
 * balancer and ejection (by the lease).
 */
export class Attempt implements ConnectionWaiter, ResponseSink {
  readonly lease: Lease<unknown>;
  readonly #owner: AttemptOwner;
  readonly #service: Service;
  readonly #pool: UpstreamPool;
  readonly #permit: Permit | undefined;
  #connection: UpstreamConnection | undefined;
  #settled = false;

  constructor(
    owner: AttemptOwner,
    service: Service,
    permit: Permit | undefined,
    lease: Lease<unknown>,
  ) {
    this.#owner = owner;
    this.#service = service;
    this.#permit = permit;
    this.lease = lease;
    this.#pool = service.pool(lease.instance);
  }

  /** Whether the request was handed to a connection. */
  get connected(): boolean {
    return this.#connection !== undefined;
  }

  start(): void {
    this.#pool.acquire(this);
  }

  ready(connection: UpstreamConnection): void {
    const owner = this.#owner;
    this.#connection = connection;
    const flushed = connection.send(
      this,
      owner.head.method,
      owner.requestText() + owner.body.take(owner.head.framing),
      owner.body.complete,
    );
    owner.sent();
    if (flushed) owner.bodyWanted();
  }

  refused(error: Error): void {
    this.#owner.attemptFailed("connect", error.message);
  }

  /** Sends more of the body; false asks to wait for {@link AttemptOwner.bodyWanted}. */
  send(pieces: readonly Buffer[], size: number, last: boolean): boolean {
    const connection = this.#connection;
    if (connection === undefined) return true;
    const frame = frameBytes(pieces, size, this.#owner.head.framing, last);
    if (frame !== undefined) return connection.write(frame, last);
    if (last) connection.endRequest();
    return true;
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  interim(head: ResponseHead): void {
    this.#owner.interim(head);
  }

  head(head: ResponseHead, body: string, last: boolean): void {
    if (last) this.#connection = undefined;
    this.#owner.answered(head, body, last);
  }

  data(pieces: readonly Buffer[], size: number, last: boolean): void {
    if (last) this.#connection = undefined;
    this.#owner.data(pieces, size, last);
  }

  writable(): void {
    this.#owner.bodyWanted();
  }

  failed(fault: UpstreamFault, why: string): void {
    this.#connection = undefined;
    this.#owner.attemptFailed(fault, why);
  }

  /** Reports a good answer; `latencyMs` to its head. */
  succeeded(latencyMs: number): void {
    if (!this.#settle("success")) return;
    this.#permit?.success();
    this.lease.success(latencyMs);
  }

  /** Reports a bad answer, which may still be on its way to the client. */
  disappointed(why: string): void {
    if (!this.#settle("failure")) return;
    const error = new Error(why);
    this.#permit?.failure(error);
    this.lease.failure(error);
  }

  /** Reports a bad or missing answer and lets go of the connection. */
  fail(why: string): void {
    this.disappointed(why);
    this.abandon();
  }

  /** Nobody wants the answer any more: says nothing about the instance, and its connection is cut. */
  cancel(): void {
    if (this.#settle("cancelled")) {
      this.#permit?.ignore();
      this.lease[Symbol.dispose]();
    }
    this.abandon();
  }

  #settle(outcome: "success" | "failure" | "cancelled"): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#service.attempts[outcome]++;
    return true;
  }

  /** Lets go of the connection, or of the place in the queue for one. */
  abandon(): void {
    this.#pool.withdraw(this);
    this.#connection?.cancel();
    this.#connection = undefined;
  }
}
