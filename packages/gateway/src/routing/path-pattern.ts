import { canonicalPath } from "./canonical-path.ts";

/** One step of a pattern; `rest` is the closing `**`. */
export type PatternSegment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "rest" };

/** A path pattern taken apart. */
export type PathPattern =
  | {
      readonly kind: "segments";
      readonly text: string;
      readonly segments: readonly PatternSegment[];
    }
  | { readonly kind: "regex"; readonly text: string; readonly regex: RegExp };

/** Why a pattern is refused, in words that follow "path ". */
export interface PatternFault {
  readonly kind: "fault";
  readonly reason: string;
}

const fault = (reason: string): PatternFault => ({ kind: "fault", reason });

/**
 * Reads a path pattern: `/a` is that path alone, `/a/**` also everything below (`/a`, `/a/`, `/a/b`), `/a/:id` takes
 * one segment that is not empty, `~^/v\d+/` is a regex with the `u` flag whose `^` holds for every alternative.
 *
 * A pattern is compared with canonical paths, so its literals must be canonical themselves: one that could never match
 * is a fault.
 */
export const parsePathPattern = (text: string): PathPattern | PatternFault => {
  if (text.startsWith("~")) return parseRegex(text);
  if (!text.startsWith("/")) return fault("must start with / or ~^");
  const parts = text.slice(1).split("/");
  const segments: PatternSegment[] = [];
  const names = new Set<string>();
  for (const [index, part] of parts.entries()) {
    if (part === "**") {
      if (index < parts.length - 1)
        return fault("may have ** only as its last segment");
      segments.push({ kind: "rest" });
    } else if (part.startsWith(":")) {
      const name = part.slice(1);
      if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(name))
        return fault(
          `has the parameter ":${name}", but a name is a letter and then letters, digits or _`,
        );
      if (names.has(name)) return fault(`has the parameter :${name} twice`);
      names.add(name);
      segments.push({ kind: "parameter", name });
    } else if (part.includes("*"))
      return fault(
        "has a * inside a segment: write /** at its end for everything below, /:name for one segment, or a regex",
      );
    else segments.push({ kind: "literal", text: part });
  }
  const literal = `/${segments
    .map((segment) => (segment.kind === "literal" ? segment.text : "x"))
    .join("/")}`;
  const canonical = canonicalPath(literal);
  if (canonical !== literal)
    return fault(
      canonical === undefined
        ? "is answered 400 in every request, so that it could never match"
        : "is not in canonical form (escapes only where needed and in upper case, no //, no dot segments), so that it could never match",
    );
  return { kind: "segments", text, segments };
};

const parseRegex = (text: string): PathPattern | PatternFault => {
  const source = text.slice(1);
  if (!source.startsWith("^"))
    return fault(
      "must have ^ after ~, so that it cannot match in the middle of a path",
    );
  try {
    return { kind: "regex", text, regex: new RegExp(`^(?:${source})`, "u") };
  } catch (error) {
    return fault(
      `is no valid regex: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
};

const ranks = { literal: 0, parameter: 1, end: 2, rest: 3 } as const;

/**
 * Orders patterns by precedence: negative when `a` is asked first. Exact paths come first; then, segment by segment
 * from the left, a literal before a parameter, before the pattern's end, before `**`, which puts longer prefixes before
 * shorter ones; regexes come last. 0 when only the file's order can tell.
 */
export const comparePatterns = (a: PathPattern, b: PathPattern): number => {
  if (a.kind === "regex" || b.kind === "regex")
    return Number(a.kind === "regex") - Number(b.kind === "regex");
  const exactFirst = Number(isExact(b)) - Number(isExact(a));
  if (exactFirst !== 0) return exactFirst;
  const length = Math.max(a.segments.length, b.segments.length);
  for (let index = 0; index < length; index++) {
    const difference =
      ranks[a.segments[index]?.kind ?? "end"] -
      ranks[b.segments[index]?.kind ?? "end"];
    if (difference !== 0) return difference;
  }
  return 0;
};

const isExact = (pattern: PathPattern & { kind: "segments" }): boolean =>
  pattern.segments.every(({ kind }) => kind === "literal");

/** The names of a pattern's parameters or of a regex's groups, in order. */
export const patternParameters = (pattern: PathPattern): readonly string[] =>
  pattern.kind === "regex"
    ? [
        // With an empty alternative in front it matches, and tells its groups.
        ...Object.keys(
          new RegExp(`|${pattern.regex.source}`, "u").exec("")?.groups ?? {},
        ),
      ]
    : pattern.segments.flatMap((segment) =>
        segment.kind === "parameter" ? [segment.name] : [],
      );

/** The pattern without its parameters' names: equal for two patterns that match the same paths. */
export const patternShape = (pattern: PathPattern): string =>
  pattern.kind === "regex"
    ? pattern.text
    : pattern.segments
        .map((segment) =>
          segment.kind === "literal"
            ? `/${segment.text}`
            : segment.kind === "parameter"
              ? "/:"
              : "/**",
        )
        .join("");

/** Whether a canonical path matches, asked of this pattern alone. O(segments); a table does it faster for many. */
export const patternMatches = (pattern: PathPattern, path: string): boolean => {
  if (pattern.kind === "regex") return pattern.regex.test(path);
  const parts = path.slice(1).split("/");
  for (const [index, segment] of pattern.segments.entries()) {
    if (segment.kind === "rest") return true;
    const part = parts[index];
    if (part === undefined) return false;
    if (segment.kind === "literal" ? part !== segment.text : part === "")
      return false;
  }
  return parts.length === pattern.segments.length;
};
