import { DpError } from "@dp/core";

/** The way to a value in a document: keys of objects and places in lists. */
export type Path = readonly (string | number)[];

/**
 * How deep a document may be nested: twice what a list of instances with the deepest metadata needs, and no danger to the
 * stack of whoever goes down there.
 */
export const mostLevels = 200;

/** The reason for which a document that goes deeper is refused. */
export const tooManyLevels: string = `has more than ${mostLevels} levels`;

/** A text taken apart. */
export interface Document {
  readonly value: unknown;
  /** The line, from 1, of the value at this path or, with `key`, of its key; of the nearest part around it. */
  lineOf(path: Path, key: boolean): number;
}

/** What a text has wrong, before it is known of which file it is. */
export class DocumentFault extends Error {
  readonly line: number | undefined;

  constructor(reason: string, line?: number, options?: ErrorOptions) {
    super(reason, options);
    this.line = line;
  }
}

/** As people write it: `services.users[0].port`. */
const inWords = (path: Path): string =>
  path
    .map((step) =>
      typeof step === "number"
        ? `[${step}]`
        : /^[\w-]+$/.test(step)
          ? `.${step}`
          : `[${JSON.stringify(step)}]`,
    )
    .join("")
    .replace(/^\./, "");

/** What is wrong with the part of a document at this path or, with `key`, with its key: place, reason and line. */
export const faultAt = (
  document: Document,
  path: Path,
  reason: string,
  key: boolean = false,
): DocumentFault => {
  const words = inWords(path);
  return new DocumentFault(
    words === "" ? reason : `${words} ${reason}`,
    document.lineOf(path, key),
  );
};

/** The failure to tell: `DP_BAD_FILE`, with the file, the line where one is known, and the reason. */
export const badFile = (file: string, cause: unknown): DpError => {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const line =
    error instanceof DocumentFault && error.line !== undefined
      ? `:${error.line}`
      : "";
  return new DpError("DP_BAD_FILE", `${file}${line}: ${error.message}`, {
    cause,
    retryable: true,
  });
};

/** The line, from 1, that an offset is on. */
export const lineAt = (text: string, offset: number): number => {
  let line = 1;
  for (
    let end = text.indexOf("\n");
    end >= 0 && end < offset;
    end = text.indexOf("\n", end + 1)
  )
    line++;
  return line;
};
