import type { Problem } from "../problem.ts";

/** What a guard may know of a request, and what it may add. */
export interface GuardedRequest {
  /** The value of a header (lower-case name), several lines joined by a comma. */
  header(name: string): string | undefined;
  /** The client's address: the peer's, or what trusted peers say it is. */
  readonly clientAddress: string;
  /** Who the client proved to be. Set by the guard that checked. */
  authId: string | undefined;
  /** Adds a field to the request that travels on. */
  forward(name: string, value: string): void;
  /** Keeps a field (lower-case name) from travelling on. */
  withhold(name: string): void;
  /** Adds field lines, each with its CRLF, to the answer. */
  announce(lines: string): void;
}

/** Decides, before anything reaches an upstream, whether a request may pass: a refusal is its answer. */
export type Guard = (request: GuardedRequest) => Problem | undefined;
