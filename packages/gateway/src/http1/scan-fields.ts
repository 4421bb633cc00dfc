import {
  byteClasses,
  COLON,
  CR,
  LF,
  SPACE,
  TAB,
  TOKEN,
  UNDERSCORE,
  VALUE,
} from "./bytes.ts";

/** The head goes on in bytes not received yet. */
export const INCOMPLETE = -1;
/** The head breaks RFC 9112; {@link FieldScanner.fault} says how. */
export const MALFORMED = -2;

/** What {@link FieldScanner.field} answers: copy the line, leave it out, or refuse the message. */
export type FieldVerdict = "keep" | "drop" | "refuse";

/**
 * Checks every byte of a field section in one scan over one latin1 string, and keeps the lines that travel on.
 *
 * Runs of kept lines are copied as one slice, so a message whose lines all travel costs one slice altogether.
 */
export abstract class FieldScanner {
  /** The lines that travel on, each with its CRLF. */
  kept = "";
  /** Why the message was refused; an empty string while it was not. */
  fault = "";

  /** Looks at one line; the name is a token and may hold an underscore only if `underscore`. */
  protected abstract field(
    text: string,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    underscore: boolean,
  ): FieldVerdict;

  /** Scans from the first line to the blank line; returns the offset after it, {@link INCOMPLETE} or {@link MALFORMED}. */
  protected scanFields(text: string, start: number): number {
    let runStart = start;
    let at = start;
    this.kept = "";
    for (;;) {
      const nameStart = at;
      let code = text.charCodeAt(at);
      if (code === CR) {
        if (at + 1 === text.length) return INCOMPLETE;
        if (text.charCodeAt(at + 1) !== LF)
          return this.refuse("a bare CR ends the head");
        this.kept += text.slice(runStart, at);
        return at + 2;
      }
      let seen = 0;
      let bits = byteClasses[code] as number;
      while ((bits & TOKEN) !== 0) {
        seen |= bits;
        at++;
        code = text.charCodeAt(at);
        bits = byteClasses[code] as number;
      }
      if (at >= text.length) return INCOMPLETE;
      if (code !== COLON || at === nameStart)
        return this.refuse("a field line has no valid name before its colon");
      const nameEnd = at;
      code = text.charCodeAt(++at);
      while (code === SPACE || code === TAB) code = text.charCodeAt(++at);
      const valueStart = at;
      while (((byteClasses[code] as number) & VALUE) !== 0)
        code = text.charCodeAt(++at);
      if (at + 1 >= text.length && (at === text.length || code === CR))
        return INCOMPLETE;
      if (code !== CR || text.charCodeAt(at + 1) !== LF)
        return this.refuse("a field value holds a control byte");
      let valueEnd = at;
      at += 2;
      while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1)))
        valueEnd--;
      const verdict = this.field(
        text,
        nameStart,
        nameEnd,
        valueStart,
        valueEnd,
        (seen & UNDERSCORE) !== 0,
      );
      if (verdict === "keep") continue;
      if (verdict === "refuse") return MALFORMED;
      this.kept += text.slice(runStart, nameStart);
      runStart = at;
    }
  }

  protected refuse(fault: string): typeof MALFORMED {
    this.fault = fault;
    return MALFORMED;
  }
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB;
