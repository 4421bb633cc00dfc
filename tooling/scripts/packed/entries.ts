import type { ExportTarget, Manifest } from "../workspace.ts";

interface Target {
  readonly subpath: string;
  /** The conditions on the way, joined by dots. */
  readonly condition: string;
  readonly target: string;
}

const walk = (
  subpath: string,
  value: ExportTarget,
  way: readonly string[],
): readonly Target[] =>
  typeof value === "string"
    ? [{ subpath, condition: way.join(".") || "default", target: value }]
    : Object.entries(value).flatMap(([condition, next]) =>
        walk(subpath, next, [...way, condition]),
      );

/** Every file that the `exports` of a manifest lead to, under any condition. */
export const targetsOf = ({ exports = {} }: Manifest): readonly Target[] =>
  Object.entries(exports).flatMap(([subpath, value]) =>
    walk(subpath, value, []),
  );

/** What users write to import each entry: `@dp/core`, `@dp/core/testing`. */
export const specifiersOf = ({
  name,
  exports = {},
}: Manifest): readonly string[] =>
  Object.keys(exports).map((subpath) => name + subpath.slice(1));
