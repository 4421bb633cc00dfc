import { formatPath, type ConfigPath, type Finding } from "./finding.ts";

/** A `T` in which anything may be missing. */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly (Loose<Item> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Loose<T[K]> | undefined }
    : T;

/**
 * What is left of a configuration without the parts that break its schema, so that the rest can be checked further
 * and every problem is told at once. List positions stay as they are.
 */
export const withoutFaults = <T>(
  value: unknown,
  findings: readonly Finding[],
): Loose<T> | undefined => {
  const faulty = new Set(findings.map((finding) => formatPath(finding.at)));
  const copy = (
    part: unknown,
    at: ConfigPath,
    above: readonly object[],
  ): unknown => {
    if (faulty.has(formatPath(at))) return undefined;
    if (typeof part !== "object" || part === null) return part;
    // YAML aliases can make a value contain itself.
    if (above.includes(part)) return undefined;
    const around = [...above, part];
    if (Array.isArray(part))
      return part.map((item, index) => copy(item, [...at, index], around));
    return Object.fromEntries(
      // A key given as undefined is a key left out; a faulty one stays, as undefined.
      Object.entries(part)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, copy(item, [...at, key], around)]),
    );
  };
  return copy(value, [], []) as Loose<T> | undefined;
};
