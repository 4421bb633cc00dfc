import { createHash } from "node:crypto";

/** The header by which a client marks a request; the answer carries it back. */
export const nonceHeader = "x-nonce";
/** The header by which a service names the instance that answered. */
export const instanceHeader = "x-instance";

/** What every answer of a demo service says about the request it answers, so that a client can tell a mix-up. */
export interface Evidence {
  readonly service: string;
  readonly instance: string;
  readonly nonce: string;
  readonly method: string;
  /** Path and query as they arrived. */
  readonly target: string;
  /** Of the request's body, also when it is empty. */
  readonly bodySha256: string;
  /** The fields of the request as they arrived, by lower-case name. */
  readonly fields: Readonly<Record<string, string>>;
  /** As long as the query's `bytes` asks, and made from the nonce. */
  readonly padding: string;
  /** What the service itself has to say. */
  readonly content: unknown;
}

export const sha256 = (body: string | Buffer): string =>
  createHash("sha256").update(body).digest("hex");

/** Text that no other request's answer has: the nonce over and over, `bytes` long. */
export const paddingOf = (nonce: string, bytes: number): string =>
  `${nonce}.`.repeat(Math.ceil(bytes / (nonce.length + 1))).slice(0, bytes);
