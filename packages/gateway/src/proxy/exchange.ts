import {
  frameBytes,
  frameText,
  type OutgoingFraming,
} from "../http1/frame-body.ts";
import type {
  RequestSink,
  ServerConnection,
} from "../http1/server-connection.ts";
import { requestFraming, requestLines } from "../forwarding/request-lines.ts";
import type { RequestHead, ResponseHead } from "../message.ts";
import { type Problem, problemAnswer } from "../problem.ts";
import { Admission, admit, bodyTooLarge } from "./admit.ts";
import { failureProblem } from "./failure-problem.ts";
import { Forward, type ForwardOwner } from "./forward.ts";
import { HeldBody } from "./held-body.ts";
import { Interception } from "./interception.ts";
import { outgoingFraming, responseText } from "./response-text.ts";
import type { BuiltRoute, Generation, Runtime } from "./runtime.ts";

/** One request and its answer, from the client's first byte to its last. */
export class Exchange implements RequestSink, ForwardOwner {
  readonly head: RequestHead;
  readonly body: HeldBody = new HeldBody();
  readonly startMs: number;
  readonly #runtime: Runtime;
  readonly #connection: ServerConnection;
  readonly #admission: Admission;
  readonly #generation: Generation;
  readonly #spanId: string;
  readonly #requestId: string;
  readonly #bytesBefore: number;
  #forward: Forward | undefined;
  #interception: Interception | undefined;
  #status = 0;
  #framing: OutgoingFraming = "none";
  #keepAlive = false;
  #error: string | undefined;
  #over = false;

  constructor(
    runtime: Runtime,
    generation: Generation,
    connection: ServerConnection,
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
    this.#bytesBefore = connection.bytesWritten;
    generation.enter();
  }

  get route(): BuiltRoute {
    return this.#admission.route as BuiltRoute;
  }

  start(pieces: Buffer[], size: number, last: boolean): void {
    const { head } = this;
    if (head.method === "OPTIONS" && head.path === "*") {
      this.#respond(optionsAnswer, "", true);
      return;
    }
    const { pseudonym } = this.#runtime;
    const refusal = admit(this.#admission, this.#generation, pseudonym);
    if (refusal !== undefined) {
      this.#answer(refusal);
      return;
    }
    this.body.add(pieces, size, last, false);
    if (this.#bodyExceeds()) return;
    if (head.expectContinue && !last)
      this.#connection.write("HTTP/1.1 100 Continue\r\n\r\n");
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
      failed: (error) => this.#middlewareFailed(error),
    });
    this.#interception.run(middlewares);
  }

  // What the client's connection tells.

  more(pieces: Buffer[], size: number, last: boolean): void {
    const forward = this.#forward;
    if (forward === undefined) {
      this.body.add(pieces, size, last, false);
      if (!this.#bodyExceeds() && this.body.full) this.#connection.pause();
    } else if (!forward.send(pieces, size, last)) {
      if (!this.#bodyExceeds()) this.#connection.pause();
    } else this.#bodyExceeds();
  }

  writable(): void {
    this.#forward?.resume();
  }

  expired(): void {
    if (this.#over) return;
    if (this.#forward === undefined) this.cut("a middleware took too long");
    else this.#forward.expired();
  }

  aborted(why: string): void {
    if (this.#over) return;
    this.#forward?.cancel();
    if (this.#status === 0) this.#status = 499;
    this.#record(why);
  }

  broken(status: number, why: string): void {
    if (this.#over) return;
    this.#forward?.cancel();
    if (this.#status !== 0) this.#reset(why);
    else
      this.#answer(
        { status, error: "http_request_error", detail: sentence(why) },
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
    // 100 was answered by us already; HTTP/1.0 knows no interim answers.
    if (head.status !== 100 && this.head.minor === 1)
      this.#connection.write(
        `HTTP/1.1 ${head.statusText}\r\n${head.fields}\r\n`,
      );
  }

  answered(head: ResponseHead, body: string, last: boolean): void {
    if (this.#interception === undefined) {
      this.#respond(head, body, last);
      return;
    }
    if (!last) this.#forward?.pause();
    this.#interception.answered(head, body, last);
  }

  data(pieces: readonly Buffer[], size: number, last: boolean): void {
    const frame = frameBytes(pieces, size, this.#framing, last);
    const flushed = frame === undefined || this.#connection.write(frame);
    if (last) this.#finish();
    else if (!flushed) this.#forward?.pause();
  }

  unanswered(problem: Problem, why: string): void {
    if (this.#interception === undefined) {
      this.#answer(problem, why);
      return;
    }
    this.#error = why;
    const { head, body } = this.#problem(problem);
    this.#interception.answered(head, body, true);
  }

  cut(why: string): void {
    this.#forward?.cancel();
    if (this.#status !== 0) this.#reset(why);
    else this.#answer(failureProblem("timeout"), why);
  }

  #go(): void {
    this.#forward = new Forward(this, this.#runtime);
    this.#forward.next(this.startMs);
  }

  #middlewareFailed(error: unknown): void {
    if (this.#over) return;
    this.#forward?.cancel();
    const why = error instanceof Error ? error.message : String(error);
    if (this.#status !== 0) this.#reset(why);
    else
      this.#answer(
        {
          status: 500,
          error: "proxy_internal_error",
          detail: "A middleware failed.",
        },
        why,
      );
  }

  #bodyExceeds(): boolean {
    const limit = this.route.bodyMaxBytes;
    if (this.body.received <= limit) return false;
    this.#forward?.cancel();
    if (this.#status !== 0) this.#reset("the request body is too large");
    else this.#answer(bodyTooLarge(limit));
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

  #answer(problem: Problem, why: string = problem.error): void {
    this.#error = why;
    const { head, body } = this.#problem(problem);
    this.#respond(head, body, true);
  }

  #respond(head: ResponseHead, body: string, last: boolean): void {
    const { minor } = this.head;
    const framing = outgoingFraming(head, minor, last);
    this.#status = head.status;
    this.#framing = framing;
    this.#keepAlive =
      this.head.keepAlive &&
      framing !== "close" &&
      this.#connection.requestComplete &&
      !this.#runtime.draining;
    const flushed = this.#connection.write(
      responseText({
        head,
        framing,
        length: framing === "length" && last ? body.length : head.length,
        requestId: this.#requestId,
        pseudonym: this.#runtime.pseudonym,
        date: this.#runtime.date,
        announced: this.#admission.announced,
        keepAlive: this.#keepAlive,
        minor,
      }) + frameText(body, framing, last),
    );
    if (last) this.#finish();
    else if (flushed) this.#forward?.resume();
    else this.#forward?.pause();
  }

  #finish(): void {
    this.#record(this.#error);
    this.#connection.finish(this.#keepAlive);
  }

  /** Cuts an answer short so that nobody can take it for whole. */
  #reset(why: string): void {
    this.#record(why);
    this.#connection.reset();
  }

  #record(error: string | undefined): void {
    this.#over = true;
    this.#generation.leave();
    const { clock, log, unrouted } = this.#runtime;
    const { route, path, authId } = this.#admission;
    const durationMs = clock.now() - this.startMs;
    (route?.stats ?? unrouted).record(this.#status, durationMs);
    log?.({
      requestId: this.#requestId,
      client: this.#admission.clientAddress,
      method: this.head.method,
      path: path === "" ? this.head.path : path,
      host: this.head.authority,
      status: this.#status,
      error,
      durationMs,
      bytes: this.#connection.bytesWritten - this.#bytesBefore,
      route: route?.name,
      service: this.#forward?.service.name,
      instance: this.#forward?.instance,
      attempts: this.#forward?.attempts ?? 0,
      authId,
    });
  }
}

const sentence = (why: string): string =>
  `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`;

/** `OPTIONS *` asks about the server itself. */
const optionsAnswer: ResponseHead = {
  status: 204,
  statusText: "204 No Content",
  fields: "",
  framing: "none",
  length: -1,
  keepAlive: true,
  keepAliveMs: Infinity,
  retryAfter: "",
  eventStream: false,
  hasDate: false,
};
