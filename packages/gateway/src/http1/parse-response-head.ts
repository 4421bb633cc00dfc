import { connectionOptions, withoutNamed } from "../forwarding/hop-by-hop.ts";
import type { Framing, ResponseHead } from "../message.ts";
import { byteClasses, CR, equalsIgnoringCase, LF, VALUE } from "./bytes.ts";
import { declaredLength, joinValues } from "./field-values.ts";
import { FieldScanner, type FieldVerdict, INCOMPLETE } from "./scan-fields.ts";

const statusLine = /^HTTP\/1\.[01] [1-5]\d\d[ \r]/;
const sampleLine = "HTTP/1.1 200 ";

/**
 * Parses response heads with the strictness of the request parser: an answer that two readers could cut differently is
 * refused, and its connection with it.
 */
export class ResponseHeadParser extends FieldScanner {
  /** The head of the last successful {@link ResponseHeadParser.parse}. */
  head!: ResponseHead;

  #length = -1;
  #encodings = 0;
  #connection = "";
  #keepAliveMs = Infinity;
  #retryAfter = "";
  #eventStream = false;
  #hasDate = false;

  /**
   * Parses the head at `start` of an answer to `method`; returns the offset after it, or a negative number as
   * {@link FieldScanner.scanFields} does, with `fault` set if it is malformed.
   */
  parse(text: string, start: number, method: string): number {
    this.fault = "";
    this.#length = -1;
    this.#encodings = 0;
    this.#connection = "";
    this.#keepAliveMs = Infinity;
    this.#retryAfter = "";
    this.#eventStream = false;
    this.#hasDate = false;
    const statusStart = start + 9;
    const begin = text.slice(start, start + 13);
    // What has not come yet is taken to be right.
    if (!statusLine.test(begin + sampleLine.slice(begin.length)))
      return this.refuse("the status line is not HTTP/1.x and a status");
    if (begin.length < sampleLine.length) return INCOMPLETE;
    let at = statusStart + 3;
    let code = text.charCodeAt(at);
    while (((byteClasses[code] as number) & VALUE) !== 0)
      code = text.charCodeAt(++at);
    if (at + 1 >= text.length) return INCOMPLETE;
    if (code !== CR || text.charCodeAt(at + 1) !== LF)
      return this.refuse("the reason phrase holds a control byte");
    // The space before an empty reason is easily forgotten by servers and required by clients.
    const statusText = text.slice(statusStart, at).padEnd(4);
    const end = this.scanFields(text, at + 2);
    if (end < 0) return end;
    const status = Number(statusText.slice(0, 3));
    const minor = text.charCodeAt(start + 7) - 48;
    if (this.#encodings > 0 && (this.#length >= 0 || minor === 0))
      return this.refuse("the answer declares its length twice");
    this.head = this.#build(status, statusText, minor, method);
    return end;
  }

  protected override field(
    text: string,
    nameStart: number,
    nameEnd: number,
    start: number,
    end: number,
    underscore: boolean,
  ): FieldVerdict {
    if (underscore) return "keep";
    const is = (lower: string): boolean =>
      equalsIgnoringCase(text, nameStart, nameEnd, lower);
    switch (nameEnd - nameStart) {
      case 2:
        return is("te") ? "drop" : "keep";
      case 4:
        if (is("date")) this.#hasDate = true;
        return "keep";
      case 7:
        return is("trailer") || is("upgrade") ? "drop" : "keep";
      case 10:
        if (is("keep-alive")) {
          const timeout = /(?:^|[,;\s])timeout=(\d{1,7})/i.exec(
            text.slice(start, end),
          );
          if (timeout !== null) this.#keepAliveMs = Number(timeout[1]) * 1000;
          return "drop";
        }
        if (!is("connection")) return "keep";
        this.#connection = joinValues(this.#connection, text.slice(start, end));
        return "drop";
      case 11:
        if (is("retry-after")) this.#retryAfter = text.slice(start, end);
        return "keep";
      case 12:
        if (is("content-type"))
          this.#eventStream = equalsIgnoringCase(
            text,
            start,
            Math.min(end, start + 17),
            "text/event-stream",
          );
        return is("x-request-id") ? "drop" : "keep";
      case 14:
        return is("content-length")
          ? this.#contentLength(text, start, end)
          : "keep";
      case 16:
        return is("proxy-connection") ? "drop" : "keep";
      case 17:
        return is("transfer-encoding")
          ? this.#transferEncoding(text, start, end)
          : "keep";
    }
    return "keep";
  }

  #contentLength(text: string, start: number, end: number): FieldVerdict {
    const length = declaredLength(text, start, end);
    if (length >= 0 && this.#length < 0) {
      this.#length = length;
      return "drop";
    }
    this.refuse("Content-Length is not one decimal number");
    return "refuse";
  }

  #transferEncoding(text: string, start: number, end: number): FieldVerdict {
    if (
      ++this.#encodings === 1 &&
      equalsIgnoringCase(text, start, end, "chunked")
    )
      return "drop";
    this.refuse("the only Transfer-Encoding understood is a single chunked");
    return "refuse";
  }

  #build(
    status: number,
    statusText: string,
    minor: number,
    method: string,
  ): ResponseHead {
    const { persists, named } = connectionOptions(this.#connection);
    const bodiless =
      method === "HEAD" || status < 200 || status === 204 || status === 304;
    const framing: Framing = bodiless
      ? "none"
      : this.#encodings > 0
        ? "chunked"
        : this.#length >= 0
          ? "length"
          : "close";
    return {
      status,
      statusText,
      fields: withoutNamed(this.kept, named),
      framing,
      // RFC 9110 section 8.6: no Content-Length with 1xx and 204.
      length: status < 200 || status === 204 ? -1 : this.#length,
      keepAlive: (persists ?? minor === 1) && framing !== "close",
      keepAliveMs: this.#keepAliveMs,
      retryAfter: this.#retryAfter,
      eventStream: this.#eventStream,
      hasDate: this.#hasDate,
    };
  }
}
