import type { RequestHead, ResponseHead } from "../message.ts";
import type { Problem } from "../problem.ts";
import type { HeldBody } from "./held-body.ts";
import type { BuiltRoute } from "./runtime.ts";

/** The request that is forwarded, as its attempts need it. */
export interface ForwardOwner {
  readonly head: RequestHead;
  readonly body: HeldBody;
  readonly route: BuiltRoute;
  readonly startMs: number;
  requestText(): string;
  /** Asks for a call of `expired` at `dueMs`. */
  expireAt(dueMs: number): void;
  interim(head: ResponseHead): void;
  answered(head: ResponseHead, body: string, last: boolean): void;
  data(pieces: readonly Buffer[], size: number, last: boolean): void;
  bodyWanted(): void;
  /** No answer will come; nothing of one was handed over. */
  unanswered(problem: Problem, why: string): void;
  /** The answer that was begun will not end. */
  cut(why: string): void;
}
