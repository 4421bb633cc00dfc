import { fencesIn } from "./fences.ts";

/** A block of a README that is checked. */
export interface Program {
  /** The Markdown file and line, as `packages/core/README.md:12`. */
  readonly place: string;
  readonly code: string;
  /** True for a block that is executed, false for one that is only type-checked. */
  readonly runs: boolean;
  /** What it must print, when the README says so in the block that follows. */
  readonly output: string | undefined;
}

/**
 * The blocks of a Markdown file that are checked: `ts run` is type-checked and executed, and a `text output` block
 * right after it must be what it prints; `ts types` is type-checked.
 */
export const programsIn = (
  file: string,
  markdown: string,
): readonly Program[] => {
  const fences = fencesIn(markdown);
  return fences.flatMap((fence, index) => {
    const { language, mark, code, line } = fence;
    if (language !== "ts" || (mark !== "run" && mark !== "types")) return [];
    const next = fences[index + 1];
    const output =
      mark === "run" && next?.language === "text" && next.mark === "output"
        ? next.code
        : undefined;
    return [{ place: `${file}:${line}`, code, runs: mark === "run", output }];
  });
};
