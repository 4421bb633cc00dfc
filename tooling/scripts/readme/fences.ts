/** A fenced block of a Markdown file. */
export interface Fence {
  readonly language: string;
  /** What stands after the language: `run`, `types`, `output` or nothing. */
  readonly mark: string;
  readonly code: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
}

/** The fenced blocks of a Markdown text in order. An indented fence, as in a list, loses its indent. */
export const fencesIn = (markdown: string): readonly Fence[] => {
  const fences: Fence[] = [];
  let open: { fence: Fence; indent: string; end: string } | undefined;
  let lines: string[] = [];
  markdown.split("\n").forEach((text, index) => {
    if (open !== undefined) {
      if (text.trim() === open.end) {
        fences.push({ ...open.fence, code: `${lines.join("\n")}\n` });
        open = undefined;
      } else {
        lines.push(
          text.startsWith(open.indent) ? text.slice(open.indent.length) : text,
        );
      }
      return;
    }
    const match = /^(\s*)(`{3,})(\w*)\s*(.*)$/.exec(text);
    if (match === null) return;
    const [, indent = "", end = "", language = "", mark = ""] = match;
    const fence = { language, mark: mark.trim(), code: "", line: index + 1 };
    open = { fence, indent, end };
    lines = [];
  });
  return fences;
};
