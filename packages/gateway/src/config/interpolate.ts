import type { ConfigPath, Finding } from "./finding.ts";
import { quote } from "./finding.ts";

/** Where values that do not stand in the file come from. */
export interface ValueSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file named by `file:`. Throws when there is none. */
  readonly readFile: (path: string) => string;
}

/** A text with its variables and files put in, or what is missing. */
export type Interpolated =
  | { readonly text: string; readonly whole: boolean }
  | { readonly fault: string };

/**
 * Puts environment variables and files in place of `${NAME}` and `file:path`; `undefined` for a text without any.
 *
 * `${NAME}` may stand anywhere in a value; `$${NAME}` is the text `${NAME}`. `file:path` is a whole value: the file's
 * text without line breaks at its end. What was put in is not looked at again. `whole` tells that one `${NAME}` was
 * the whole value, which may then stand for a number.
 */
export const interpolate = (
  text: string,
  { env, readFile }: ValueSources,
): Interpolated | undefined => {
  if (text.startsWith("file:")) {
    const path = text.slice("file:".length);
    try {
      return { text: withoutLastBreaks(readFile(path)), whole: false };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { fault: `must name a readable file: ${why}` };
    }
  }
  if (!text.includes("${")) return undefined;
  const unset: string[] = [];
  const filled = text.replace(
    /\$?\$\{([^{}]*)\}/g,
    (found: string, name: string) => {
      if (found.startsWith("$$")) return found.slice(1);
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value === undefined) unset.push(name);
      return value ?? "";
    },
  );
  if (unset.length > 0)
    return {
      fault: `must name environment variables that are set: ${unset.map(quote).join(", ")} ${unset.length === 1 ? "is" : "are"} not`,
    };
  return { text: filled, whole: /^\$\{[^{}]*\}$/.test(text) };
};

// A regex would try anew at every one of many line breaks in the middle.
const withoutLastBreaks = (text: string): string => {
  let end = text.length;
  while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end--;
  return text.slice(0, end);
};

/** A value that was a variable, and where it stands. */
export interface Substitution {
  readonly at: ConfigPath;
  readonly text: string;
}

/** The numbers and switches among variables that stand where the schema refuses a text. */
export const typedValues = (
  substitutions: readonly Substitution[],
  findings: readonly Finding[],
): { readonly at: ConfigPath; readonly value: number | boolean }[] => {
  const refused = new Set(findings.map(({ at }) => JSON.stringify(at)));
  return substitutions
    .filter(
      ({ at, text }) =>
        refused.has(JSON.stringify(at)) &&
        /^(true|false|-?\d+(\.\d+)?)$/.test(text),
    )
    .map(({ at, text }) => ({
      at,
      value: /^[tf]/.test(text) ? text === "true" : Number(text),
    }));
};
