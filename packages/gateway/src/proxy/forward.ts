import { NoInstanceError, type Lease } from "@dp/discovery";
import type { RequestHead, ResponseHead } from "../message.ts";
import type { Problem } from "../problem.ts";
import type { Service } from "../service.ts";
import { Attempt, type AttemptFault, type AttemptOwner } from "./attempt.ts";
import {
  bodyTooSlow,
  breakerOpen,
  failureProblem,
  noInstance,
} from "./failure-problem.ts";
import type { HeldBody } from "./held-body.ts";
import { mayRetry, retryAfterMs } from "./retry.ts";
import type { ForwardOwner } from "./forward-owner.ts";
import type { Runtime } from "./runtime.ts";

/** Answers that say the service, not the request, is at fault. */
const isFailure = (status: number): boolean => status >= 502 && status <= 504;

/** Carries one request to its service: attempt after attempt, until there is an answer or no attempt is left. */
export class Forward implements AttemptOwner {
  readonly service: Service;
  attempts = 0;
  readonly #owner: ForwardOwner;
  readonly #runtime: Runtime;
  readonly #totalDueMs: number;
  #attempt: Attempt | undefined;
  #attemptMs = 0;
  #latencyMs = 0;
  #phase: "connect" | "answer" | "body" | "pause" | "over" = "connect";
  #endless = false;
  /** The upstream takes no more of the body for now. */
  #blocked = false;
  #status = 0;
  #tried: Set<string> | undefined;
  /** How the latest attempt failed, if it gave no answer. */
  #fault: { problem: Problem; why: string } | undefined;

  constructor(owner: ForwardOwner, runtime: Runtime) {
    this.#owner = owner;
    this.#runtime = runtime;
    this.service = owner.route.service(runtime.random);
    this.#totalDueMs = owner.startMs + owner.route.timeout.totalMs;
    this.service.budget.request(owner.startMs);
  }

  get head(): RequestHead {
    return this.#owner.head;
  }

  get body(): HeldBody {
    return this.#owner.body;
  }

  /** The id of the instance of the latest attempt. */
  get instance(): string | undefined {
    return this.#attempt?.lease.instance.id;
  }

  /** Makes the next attempt, or says why none can be made. */
  next(nowMs: number): void {
    const { breaker, view } = this.service;
    const permit = breaker?.tryPermit();
    if (breaker !== undefined && permit === undefined) {
      this.#unanswered(
        breakerOpen(breaker.inspect().retryAfterMs),
        `breaker ${breaker.state}`,
      );
      return;
    }
    const lease = this.#pick(view);
    if (NoInstanceError.is(lease)) {
      permit?.ignore();
      this.#unanswered(noInstance, lease.message);
      return;
    }
    this.attempts++;
    if (this.attempts > 1) this.service.retries++;
    this.#attemptMs = nowMs;
    this.#phase = "connect";
    this.#expireWithin(this.#owner.route.timeout.connectMs, nowMs);
    this.#attempt = new Attempt(this, this.service, permit, lease);
    this.#attempt.start();
  }

  /** Passes on more of the body; false asks to wait for `bodyWanted`. Data is held until there is a connection. */
  send(pieces: readonly Buffer[], size: number, last: boolean): boolean {
    const attempt = this.#attempt;
    const connected = attempt?.connected === true;
    this.body.add(pieces, size, last, connected);
    if (last && connected) this.#expireAttempt(this.#runtime.clock.now());
    if (!connected) return !this.body.full;
    this.#blocked = !attempt.send(pieces, size, last);
    return !this.#blocked;
  }

  pause(): void {
    this.#attempt?.pause();
  }

  resume(): void {
    this.#attempt?.resume();
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    this.#phase = "over";
    this.#attempt?.cancel();
  }

  /** The time asked for has come. */
  expired(): void {
    const nowMs = this.#runtime.clock.now();
    switch (this.#phase) {
      case "over":
        return;
      case "pause":
        this.next(nowMs);
        return;
      case "body":
        this.#cut("the answer took too long");
        return;
      case "connect":
      case "answer":
        if (this.#phase === "answer" && !this.body.complete && !this.#blocked) {
          // The upstream took all there was: the client is the slow one.
          this.cancel();
          this.#owner.unanswered(bodyTooSlow, "request body too slow");
          return;
        }
        this.attemptFailed("timeout", `no answer in time (${this.#phase})`);
    }
  }

  requestText(): string {
    return this.#owner.requestText();
  }

  sent(): void {
    this.#phase = "answer";
    // The attempt's time is the upstream's: it starts when the upstream has all it needs.
    if (this.body.complete) this.#expireAttempt(this.#attemptMs);
    else this.#owner.expireAt(this.#totalDueMs);
  }

  bodyWanted(): void {
    this.#blocked = false;
    this.#owner.bodyWanted();
  }

  interim(head: ResponseHead): void {
    this.#owner.interim(head);
  }

  answered(head: ResponseHead, body: string, last: boolean): void {
    const nowMs = this.#runtime.clock.now();
    this.#status = head.status;
    this.#latencyMs = nowMs - this.#attemptMs;
    if (this.#retryable(head.status)) {
      this.#judge();
      const waitMs = retryAfterMs(
        head.retryAfter,
        this.#runtime.clock.wallNow(),
      );
      if (this.#retry(head.status, waitMs, nowMs)) return;
    }
    this.#phase = "body";
    this.#endless = head.eventStream;
    if (last) this.#settle();
    else {
      // A stream of events may outlive any probe's patience: its head is its verdict.
      if (this.#endless) this.#judge();
      this.#expireBody(nowMs);
    }
    this.#owner.answered(head, body, last);
  }

  data(pieces: readonly Buffer[], size: number, last: boolean): void {
    if (last) this.#settle();
    else this.#expireBody(this.#runtime.clock.now());
    this.#owner.data(pieces, size, last);
  }

  attemptFailed(fault: AttemptFault, why: string): void {
    if (this.#phase === "body") {
      this.#cut(why);
      return;
    }
    const problem = failureProblem(fault);
    this.#fault = { problem, why };
    this.#attempt?.fail(why);
    const nowMs = this.#runtime.clock.now();
    if (this.#retryable(fault) && this.#retry(fault, 0, nowMs)) return;
    this.#unanswered(problem, why);
  }

  #pick(view: Service["view"]): Lease<unknown> | NoInstanceError {
    try {
      return view.pick(
        this.#tried === undefined ? undefined : { exclude: this.#tried },
      );
    } catch (error) {
      if (!NoInstanceError.is(error)) throw error;
      // Every instance was tried: better the same one again than none.
      if (this.#tried === undefined) return error;
      this.#tried = undefined;
      return this.#pick(view);
    }
  }

  #retryable(ending: AttemptFault | number): boolean {
    return mayRetry(
      this.#owner.route.retry,
      this.head.method,
      this.attempts,
      this.body.replayable,
      ending,
    );
  }

  /**
   * Starts over after `waitMs` if deadline, breaker and budget allow. The attempt at hand is settled by now: if just
   * that opened the breaker, its own answer is worth more to the client than the breaker's refusal.
   */
  #retry(
    ending: AttemptFault | number,
    waitMs: number,
    nowMs: number,
  ): boolean {
    const { retry } = this.#owner.route;
    const { breaker, budget } = this.service;
    const pauseMs = Math.max(waitMs, this.#backoffMs());
    if (nowMs + pauseMs >= this.#totalDueMs) return false;
    if (breaker?.state === "open" || breaker?.state === "isolated")
      return false;
    // A refused connection cost the service nothing, so asking elsewhere multiplies no load.
    if (ending !== "connect" && !budget.take(retry.budget, nowMs)) return false;
    this.#attempt?.abandon();
    if (pauseMs === 0) {
      this.next(nowMs);
    } else {
      this.#phase = "pause";
      this.#owner.expireAt(nowMs + pauseMs);
    }
    return true;
  }

  /** An instance not tried yet is asked at once; the same again only after a random wait that doubles each time. */
  #backoffMs(): number {
    const tried = (this.#tried ??= new Set());
    if (this.#attempt !== undefined) tried.add(this.#attempt.lease.instance.id);
    if (this.service.view.snapshot.instances.length > tried.size) return 0;
    const { backoffMs } = this.#owner.route.retry;
    return this.#runtime.random() * backoffMs * 2 ** (this.attempts - 1);
  }

  /** A failed attempt is what the client hears of: a refusal that only followed from it would mislead. */
  #unanswered(problem: Problem, why: string): void {
    this.#phase = "over";
    const told = this.#fault ?? { problem, why };
    this.#owner.unanswered(told.problem, told.why);
  }

  #cut(why: string): void {
    this.#phase = "over";
    this.#attempt?.fail(why);
    this.#owner.cut(why);
  }

  #settle(): void {
    this.#phase = "over";
    this.#judge();
  }

  #judge(): void {
    if (isFailure(this.#status))
      this.#attempt?.disappointed(`status ${this.#status}`);
    else this.#attempt?.succeeded(this.#latencyMs);
  }

  #expireAttempt(fromMs: number): void {
    if (this.#phase === "answer")
      this.#expireWithin(this.#owner.route.timeout.attemptMs, fromMs);
  }

  #expireBody(nowMs: number): void {
    const { idleMs } = this.#owner.route.timeout;
    if (this.#endless) this.#owner.expireAt(nowMs + idleMs);
    else this.#expireWithin(idleMs, nowMs);
  }

  #expireWithin(ms: number, nowMs: number): void {
    this.#owner.expireAt(Math.min(nowMs + ms, this.#totalDueMs));
  }
}
