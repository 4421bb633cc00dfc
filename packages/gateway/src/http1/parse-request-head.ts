import { connectionOptions, withoutNamed } from "../forwarding/hop-by-hop.ts";
import { withoutFields } from "../forwarding/field-lines.ts";
import type { RequestHead } from "../message.ts";
import { splitAbsolute } from "./authority.ts";
import { byteClasses, SPACE, TARGET, TOKEN } from "./bytes.ts";
import { RequestFields } from "./request-fields.ts";
import { INCOMPLETE, MALFORMED } from "./scan-fields.ts";

/** The longest request target, in bytes: longer ones are answered 414. */
export const targetLimit: number = 8 * 1024;

/** What Connection may name without effect: fields whose presence the head's members tell. */
const notForConnection: ReadonlySet<string> = new Set([
  "host",
  "via",
  "x-forwarded-proto",
  "x-forwarded-host",
]);

const versionForm = /^HTTP\/\d\.\d\r\n$/;
const sampleVersion = "HTTP/1.1\r\n";

const SLASH = 47;
const QUESTION = 63;
const HASH = 35;

/**
 * Parses request heads, one at a time: every byte is checked against RFC 9110 and 9112, and whatever a lenient and a
 * strict reader could see differently is refused.
 */
export class RequestHeadParser extends RequestFields {
  /** The head of the last successful {@link RequestHeadParser.parse}. */
  head!: RequestHead;

  #minor: 0 | 1 = 1;

  /**
   * Parses the head at `start` and returns the offset after it, {@link INCOMPLETE}, or {@link MALFORMED} with `status`
   * and `fault` set. `trusted` says whether the peer's forwarding fields are believed; fields named in `identity` are
   * the gateway's own and are dropped whoever sent them.
   */
  parse(
    text: string,
    start: number,
    trusted: boolean,
    identity: ReadonlySet<string>,
  ): number {
    this.reset(trusted, identity);
    let at = start;
    let code = text.charCodeAt(at);
    while (((byteClasses[code] as number) & TOKEN) !== 0)
      code = text.charCodeAt(++at);
    if (at === text.length) return INCOMPLETE;
    if (code !== SPACE || at === start)
      return this.refuse("the request line has no valid method");
    const method = text.slice(start, at);
    const targetStart = ++at;
    let question = -1;
    code = text.charCodeAt(at);
    while (((byteClasses[code] as number) & TARGET) !== 0) {
      if (code === QUESTION && question < 0) question = at;
      if (code === HASH)
        return this.refuse("the request target holds a fragment");
      code = text.charCodeAt(++at);
    }
    const targetEnd = at;
    if (targetEnd - targetStart > targetLimit)
      return this.answer(
        414,
        `the request target is longer than ${targetLimit} bytes`,
      );
    if (at === text.length) return INCOMPLETE;
    if (code !== SPACE || targetEnd === targetStart)
      return this.refuse("the request line has no valid target");
    at = this.#version(text, at + 1);
    if (at < 0) return at;
    at = this.scanFields(text, at);
    if (at < 0) return at;

    const pathStart = this.#pathStart(text, method, targetStart, targetEnd);
    if (pathStart < 0 || !this.#consistent()) return MALFORMED;
    const pathEnd = question < 0 ? targetEnd : question;
    this.head = this.#build(
      method,
      // An absolute target may end with its authority.
      pathStart >= pathEnd ? "/" : text.slice(pathStart, pathEnd),
      question < 0 ? "" : text.slice(question, targetEnd),
      pathStart !== targetStart,
    );
    return at;
  }

  /** Checks `HTTP/1.x CRLF` and returns the offset after it. */
  #version(text: string, start: number): number {
    const end = start + 10;
    const one = text.startsWith("HTTP/1.1\r\n", start);
    if (one || text.startsWith("HTTP/1.0\r\n", start)) {
      this.#minor = one ? 1 : 0;
      return end;
    }
    const rest = text.slice(start, end);
    // What has not come yet is taken to be right, so that the answer does not depend on how the bytes are cut.
    const known = versionForm.test(rest + sampleVersion.slice(rest.length));
    if (known && rest.length < sampleVersion.length) return INCOMPLETE;
    return this.answer(
      known ? 505 : 400,
      "the request line does not end with HTTP/1.0 or HTTP/1.1",
    );
  }

  /** Where the path begins: later than the target does in absolute form. Negative if the form is none of ours. */
  #pathStart(
    text: string,
    method: string,
    targetStart: number,
    targetEnd: number,
  ): number {
    if (method === "CONNECT" || method === "TRACE")
      return this.answer(501, `${method} is not offered`);
    if (text.charCodeAt(targetStart) === SLASH) return targetStart;
    if (
      method === "OPTIONS" &&
      targetEnd - targetStart === 1 &&
      text.charCodeAt(targetStart) === 42
    )
      return targetStart;
    const parts = splitAbsolute(text, targetStart, targetEnd);
    if (parts === undefined || !this.validAuthority(parts.authority))
      return this.refuse("the request target is not a path or an http URL");
    // RFC 9112 section 3.2.2: the target's authority takes the place of Host.
    this.authority = parts.authority;
    return parts.pathStart;
  }

  /** Whether the lines fit together: one authority, one framing. */
  #consistent(): boolean {
    if (this.hosts === 0 && this.#minor === 1)
      this.refuse("an HTTP/1.1 request needs a Host line");
    else if (this.encodings > 0 && this.length >= 0)
      this.refuse("Content-Length and Transfer-Encoding exclude each other");
    else if (this.encodings > 0 && this.#minor === 0)
      this.refuse("HTTP/1.0 has no Transfer-Encoding");
    return this.fault === "";
  }

  #build(
    method: string,
    path: string,
    query: string,
    absolute: boolean,
  ): RequestHead {
    const { persists, named } = connectionOptions(this.connection);
    let fields = withoutNamed(this.kept, named, notForConnection);
    if (absolute) fields = withoutFields(fields, (name) => name === "host");
    return {
      method,
      path,
      query,
      authority: this.authority,
      absolute,
      minor: this.#minor,
      fields,
      framing:
        this.encodings > 0 ? "chunked" : this.length > 0 ? "length" : "none",
      length: Math.max(0, this.length),
      declaresLength: this.length >= 0,
      keepAlive: persists ?? this.#minor === 1,
      expectContinue: this.expect && this.#minor === 1,
      via: this.via,
      forwardedFor: this.forwardedFor,
      hasForwardedProto: this.hasForwardedProto,
      hasForwardedHost: this.hasForwardedHost,
      requestId: this.requestId,
      traceparent: this.traceparent,
    };
  }
}
