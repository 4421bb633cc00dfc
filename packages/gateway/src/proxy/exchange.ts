import type { ClientConnection, RequestSink } from "../http1/request-sink.ts";
import { requestFraming, requestLines } from "../forwarding/request-lines.ts";
import type { RequestHead, ResponseHead } from "../message.ts";
import { type Problem, problemAnswer } from "../problem.ts";
import { ownHead } from "../own-head.ts";
import { Admission, admit, bodyTooLarge } from "./admit.ts";
import { ClientAnswer } from "./client-answer.ts";
import { failureProblem, internalFault } from "./failure-problem.ts";
import { Forward } from "./forward.ts";
import type { ForwardOwner } from "./forward-owner.ts";
import { HeldBody } from "./held-body.ts";
import { Interception } from "./interception.ts";
import { record } from "./record.ts";
import type { BuiltRoute, Generation, Runtime } from "./runtime.ts";

/** One request and its answer, from the client's first byte to its last. */
export class Exchange implements RequestSink, ForwardOwner {
  readonly head: RequestHead;
  readonly body: HeldBody = new HeldBody();
  readonly startMs: number;
  readonly #runtime: Runtime;
  readonly #connection: ClientConnection;
  readonly #admission: Admission;
  readonly #generation: Generation;
  readonly #spanId: string;
  readonly #requestId: string;
  readonly #answer: ClientAnswer;
  #forward: Forward | undefined;
  #interception: Interception | undefined;
  #error: string | undefined;
  #over = false;

  constructor(
    runtime: Runtime,
    generation: Generation,
    connection: ClientConnection,
    head: RequestHead,
  ) {
    this.#runtime = runtime;
    this.#generation = generation;
    this.#connection = connection;
    this.head = head;
    this.startMs = runtime.clock.now();
    this.#spanId = runtime.identifiers.next();
    this.#requestId = head.requestId === "" ? this.#spanId : head.requestId;
    this.#admission = new Admission(
      head,
      connection.remoteAddress,
      generation.addresses,
    );
    this.#answer = new ClientAnswer(runtime, connection, head, this.#requestId);
    generation.enter();
  }

  get route(): BuiltRoute {
    return this.#admission.route as BuiltRoute;
  }

  start(pieces: Buffer[], size: number, last: boolean): void {
    try {
      this.#start(pieces, size, last);
    } catch (error) {
      this.#broke(error);
    }
  }

  #start(pieces: Buffer[], size: number, last: boolean): void {
    const { head } = this;
    if (head.method === "OPTIONS" && head.path === "*") {
      this.#respond(optionsAnswer, "", true);
      return;
    }
    const { pseudonym } = this.#runtime;
    const refusal = admit(this.#admission, this.#generation, pseudonym);
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    this.body.add(pieces, size, last, false);
    if (this.#bodyExceeds()) return;
    const { middlewares, timeout } = this.route;
    if (middlewares.length === 0) {
      this.#go();
      return;
    }
    this.expireAt(this.startMs + timeout.totalMs);
    this.#interception = new Interception(this.#admission, this.#requestId, {
      proceed: () => this.#go(),
      respond: (answer, text, complete) => {
        if (this.#over) return;
        if (complete) this.#forward?.cancel();
        this.#respond(answer, text, complete);
      },
      failed: (error) => this.#broke(error),
    });
    this.#interception.run(middlewares);
  }

  // What the client's connection tells.

  more(pieces: Buffer[], size: number, last: boolean): void {
    const forward = this.#forward;
    if (forward === undefined) this.body.add(pieces, size, last, false);
    const taken = forward?.send(pieces, size, last) ?? !this.body.full;
    if (!this.#bodyExceeds() && !taken) this.#connection.pause();
  }

  writable(): void {
    this.#forward?.resume();
  }

  expired(): void {
    if (this.#over) return;
    if (this.#forward === undefined || this.#interception?.holds === true)
      this.cut("a middleware took too long");
    else this.#forward.expired();
  }

  aborted(why: string): void {
    if (this.#over) return;
    this.#forward?.cancel();
    this.#answer.abandon();
    this.#record(why);
  }

  broken(status: number, why: string): void {
    if (this.#over) return;
    this.#forward?.cancel();
    if (this.#answer.begun) this.#reset(why);
    else
      this.#refuse(
        {
          status,
          error: "http_request_error",
          detail: `The request was refused: ${why}.`,
        },
        why,
      );
  }

  // What the way to the service tells.

  requestText(): string {
    const { identifiers, pseudonym } = this.#runtime;
    const { path, fields, added } = this.#admission;
    return (
      requestLines({
        head: this.head,
        fields,
        path,
        remoteAddress: this.#connection.remoteAddress,
        requestId: this.#requestId,
        spanId: this.#spanId,
        traceOrigin: identifiers.origin,
        pseudonym,
        added,
      }) + requestFraming(this.head)
    );
  }

  expireAt(dueMs: number): void {
    this.#connection.expireAt(dueMs);
  }

  bodyWanted(): void {
    this.#connection.resume();
  }

  interim(head: ResponseHead): void {
    this.#answer.interim(head);
  }

  answered(head: ResponseHead, body: string, last: boolean): void {
    if (this.#interception === undefined) {
      this.#respond(head, body, last);
      return;
    }
    if (!last) this.#forward?.pause();
    this.#intercept(head, body, last);
  }

  data(pieces: readonly Buffer[], size: number, last: boolean): void {
    this.#written(this.#answer.more(pieces, size, last), last);
  }

  unanswered(problem: Problem, why: string): void {
    if (this.#interception === undefined) {
      this.#refuse(problem, why);
      return;
    }
    this.#error = why;
    const { head, body } = this.#problem(problem);
    this.#intercept(head, body, true);
  }

  cut(why: string): void {
    this.#forward?.cancel();
    if (this.#answer.begun) this.#reset(why);
    else this.#refuse(failureProblem("timeout"), why);
  }

  #intercept(head: ResponseHead, body: string, last: boolean): void {
    // The service is done: what is left of the time is the middlewares'.
    if (last) this.expireAt(this.startMs + this.route.timeout.totalMs);
    this.#interception?.answered(head, body, last);
  }

  #go(): void {
    // Nothing stands against the request any more: now its body is wanted.
    if (this.head.expectContinue && !this.body.complete)
      this.#connection.write("HTTP/1.1 100 Continue\r\n\r\n");
    this.#forward = new Forward(this, this.#runtime);
    this.#forward.next(this.startMs);
  }

  /** A fault of ours or of a middleware ends one request, not the process. */
  #broke(error: unknown): void {
    if (this.#over) return;
    this.#forward?.cancel();
    const why = error instanceof Error ? error.message : String(error);
    if (this.#answer.begun) this.#reset(why);
    else this.#refuse(internalFault, why);
  }

  #bodyExceeds(): boolean {
    const limit = this.route.bodyMaxBytes;
    if (this.body.received <= limit) return false;
    this.#forward?.cancel();
    if (this.#answer.begun) this.#reset("the request body is too large");
    else this.#refuse(bodyTooLarge(limit));
    return true;
  }

  #problem(problem: Problem): { head: ResponseHead; body: string } {
    return problemAnswer(
      problem,
      this.#requestId,
      this.#runtime.pseudonym,
      this.head.method === "HEAD",
    );
  }

  #refuse(problem: Problem, why: string = problem.error): void {
    this.#error = why;
    const { head, body } = this.#problem(problem);
    this.#respond(head, body, true);
  }

  #respond(head: ResponseHead, body: string, last: boolean): void {
    const { announced } = this.#admission;
    this.#written(this.#answer.begin(head, body, last, announced), last);
  }

  #written(flushed: boolean, last: boolean): void {
    if (last) this.#finish();
    else if (flushed) this.#forward?.resume();
    else this.#forward?.pause();
  }

  #finish(): void {
    this.#record(this.#error);
    this.#answer.finish();
  }

  /** Cuts an answer short so that nobody can take it for whole. */
  #reset(why: string): void {
    this.#record(why);
    this.#connection.reset();
  }

  #record(error: string | undefined): void {
    this.#over = true;
    this.#generation.leave();
    this.#interception?.ended(this.#answer.status);
    record({
      runtime: this.#runtime,
      admission: this.#admission,
      answer: this.#answer,
      forward: this.#forward,
      requestId: this.#requestId,
      startMs: this.startMs,
      error,
    });
  }
}

/** `OPTIONS *` asks about the server itself. */
const optionsAnswer = ownHead("204 No Content", "", "none", -1);
