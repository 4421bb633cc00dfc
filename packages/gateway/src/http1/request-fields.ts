import { byteClasses, equalsIgnoringCase, TOKEN } from "./bytes.ts";
import { isAuthority } from "./authority.ts";
import {
  FieldScanner,
  type FieldVerdict,
  type MALFORMED,
} from "./scan-fields.ts";
import { declaredLength, joinValues } from "./field-values.ts";

/** What the gateway has to know of a request's field lines; all other lines are copied without a look. */
export abstract class RequestFields extends FieldScanner {
  /** The status to answer a malformed head with. */
  status = 400;

  protected authority = "";
  protected hosts = 0;
  protected length = -1;
  protected encodings = 0;
  protected connection = "";
  protected expect = false;
  protected via = "";
  protected forwardedFor = "";
  protected hasForwardedProto = false;
  protected hasForwardedHost = false;
  protected requestId = "";
  protected traceparent = "";

  #trusted = false;
  #identity: ReadonlySet<string> = new Set();
  /** The last authority that was found valid: a connection's requests nearly always repeat it. */
  #knownAuthority = "";

  protected reset(trusted: boolean, identity: ReadonlySet<string>): void {
    this.status = 400;
    this.fault = "";
    this.#trusted = trusted;
    this.#identity = identity;
    this.authority = "";
    this.hosts = 0;
    this.length = -1;
    this.encodings = 0;
    this.connection = "";
    this.expect = false;
    this.via = "";
    this.forwardedFor = "";
    this.hasForwardedProto = false;
    this.hasForwardedHost = false;
    this.requestId = "";
    this.traceparent = "";
  }

  /** Whether `authority` is a host with an optional port. */
  protected validAuthority(authority: string): boolean {
    if (authority === this.#knownAuthority) return true;
    if (!isAuthority(authority)) return false;
    this.#knownAuthority = authority;
    return true;
  }

  protected answer(status: number, fault: string): typeof MALFORMED {
    this.status = status;
    return this.refuse(fault);
  }

  protected override field(
    text: string,
    nameStart: number,
    nameEnd: number,
    start: number,
    end: number,
    underscore: boolean,
  ): FieldVerdict {
    if (underscore) return "drop";
    const is = (lower: string): boolean =>
      equalsIgnoringCase(text, nameStart, nameEnd, lower);
    switch (nameEnd - nameStart) {
      case 2:
        if (is("te")) return "drop";
        break;
      case 3:
        if (is("via")) this.via = joinValues(this.via, text.slice(start, end));
        break;
      case 4:
        if (is("host")) return this.#host(text.slice(start, end));
        break;
      case 6:
        if (is("expect")) return this.#expectation(text, start, end);
        break;
      case 7:
        if (is("upgrade") || is("trailer")) return "drop";
        break;
      case 9:
        if (is("forwarded") || is("x-real-ip")) return this.#fromTrusted();
        break;
      case 10:
        if (is("connection")) {
          const value = text.slice(start, end);
          this.connection = joinValues(this.connection, value);
          return "drop";
        }
        if (is("keep-alive")) return "drop";
        break;
      case 11:
        if (is("traceparent")) return this.#trace(text.slice(start, end));
        break;
      case 12:
        if (is("x-request-id")) return this.#identifier(text, start, end);
        break;
      case 14:
        if (is("content-length")) return this.#contentLength(text, start, end);
        if (is("http2-settings")) return "drop";
        break;
      case 16:
        if (is("proxy-connection")) return "drop";
        break;
      case 17:
        if (is("transfer-encoding"))
          return this.#transferEncoding(text, start, end);
        break;
    }
    const first = text.charCodeAt(nameStart) | 32;
    if (
      first === 120 &&
      equalsIgnoringCase(text, nameStart, nameStart + 12, "x-forwarded-")
    )
      return this.#forwarded(text, nameStart + 12, nameEnd, start, end);
    if (
      this.#identity.size > 0 &&
      this.#identity.has(text.slice(nameStart, nameEnd).toLowerCase())
    )
      return "drop";
    return "keep";
  }

  #host(value: string): FieldVerdict {
    this.hosts++;
    this.authority = value;
    if (this.hosts === 1 && this.validAuthority(value)) return "keep";
    this.refuse(
      this.hosts > 1
        ? "there are two Host lines"
        : "Host is not a host and port",
    );
    return "refuse";
  }

  #expectation(text: string, start: number, end: number): FieldVerdict {
    this.expect = equalsIgnoringCase(text, start, end, "100-continue");
    if (this.expect) return "drop";
    this.answer(417, "the only expectation understood is 100-continue");
    return "refuse";
  }

  #fromTrusted(): FieldVerdict {
    return this.#trusted ? "keep" : "drop";
  }

  #forwarded(
    text: string,
    suffixStart: number,
    nameEnd: number,
    start: number,
    end: number,
  ): FieldVerdict {
    if (!this.#trusted) return "drop";
    if (equalsIgnoringCase(text, suffixStart, nameEnd, "for")) {
      const value = text.slice(start, end);
      this.forwardedFor = joinValues(this.forwardedFor, value);
      return "drop";
    }
    if (equalsIgnoringCase(text, suffixStart, nameEnd, "proto"))
      this.hasForwardedProto = true;
    if (equalsIgnoringCase(text, suffixStart, nameEnd, "host"))
      this.hasForwardedHost = true;
    return "keep";
  }

  #trace(value: string): FieldVerdict {
    // W3C Trace Context: version 00 has exactly these parts, and neither id may be all zeros.
    const valid =
      /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
    if (valid.test(value)) this.traceparent = value;
    return "drop";
  }

  #identifier(text: string, start: number, end: number): FieldVerdict {
    if (!this.#trusted || end - start > 128 || this.requestId !== "")
      return "drop";
    for (let at = start; at < end; at++) {
      const code = text.charCodeAt(at);
      if (((byteClasses[code] as number) & TOKEN) === 0) return "drop";
    }
    this.requestId = text.slice(start, end);
    return "drop";
  }

  #contentLength(text: string, start: number, end: number): FieldVerdict {
    const length = declaredLength(text, start, end);
    if (length >= 0 && this.length < 0) {
      this.length = length;
      return "drop";
    }
    this.refuse(
      this.length >= 0
        ? "there are two Content-Length lines"
        : "Content-Length is not a decimal number",
    );
    return "refuse";
  }

  #transferEncoding(text: string, start: number, end: number): FieldVerdict {
    if (
      ++this.encodings === 1 &&
      equalsIgnoringCase(text, start, end, "chunked")
    )
      return "drop";
    const known = /^[\s,]*(?:chunked[\s,]*)*$/i.test(text.slice(start, end));
    this.answer(
      known || this.encodings > 1 ? 400 : 501,
      "the only Transfer-Encoding understood is a single chunked",
    );
    return "refuse";
  }
}
