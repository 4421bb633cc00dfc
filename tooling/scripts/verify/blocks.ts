import type { Task } from "./task.ts";

/** What one task printed, as turbo's grouped output shows it when the task ends. */
export interface Block {
  readonly lines: readonly string[];
  readonly cached: boolean;
  readonly failed: boolean;
}

export interface BlockReader {
  /** Takes a piece of turbo's standard output. */
  readonly output: (chunk: string) => void;
  /** Takes a piece of turbo's standard error. */
  readonly errors: (chunk: string) => void;
  /** Hands over what is left and returns what belonged to no task. */
  readonly end: () => {
    readonly summaryFile: string | undefined;
    readonly other: readonly string[];
  };
}

/** turbo reports a failure on the other stream, a moment before or after the task's block. */
const settleMs = 100;

const failureLine = /^(\S+#\S+?):\s+(?:WARNING|ERROR)\s+command/;
const summaryLine = /^\s*Summary:\s+(\S.*)$/;

/** Cuts a stream into whole lines, given piece by piece. */
const lineCutter = (
  take: (line: string) => void,
): ((chunk: string) => void) => {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  };
};

/** Cuts the grouped output of `turbo run` into one block per task and calls `onBlock` soon after each task's end. */
export const blocks = (
  tasks: readonly Task[],
  onBlock: (id: string, block: Block) => void,
): BlockReader => {
  const prefixes = tasks.map(({ id }) => ({
    id,
    prefix: `${id.replace("#", ":")}: `,
  }));
  const open = new Map<string, string[]>();
  const failed = new Set<string>();
  const other: string[] = [];
  let summaryFile: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    for (const [id, lines] of open)
      onBlock(id, {
        lines: lines.filter((line) => !line.startsWith("cache ")),
        cached: lines.some((line) => line.startsWith("cache hit")),
        failed: failed.has(id),
      });
    open.clear();
  };

  const takeOutput = (line: string): void => {
    const owner = prefixes.find(({ prefix }) => `${line} `.startsWith(prefix));
    if (owner === undefined) {
      summaryFile ??= summaryLine.exec(line)?.[1];
      other.push(line);
      return;
    }
    const lines = open.get(owner.id) ?? [];
    lines.push(line.slice(owner.prefix.length));
    open.set(owner.id, lines);
  };

  const takeError = (line: string): void => {
    const id = failureLine.exec(line)?.[1];
    if (id === undefined) other.push(line);
    else failed.add(id);
  };

  const cutOutput = lineCutter(takeOutput);
  return {
    output: (chunk) => {
      cutOutput(chunk);
      clearTimeout(timer);
      timer = setTimeout(flush, settleMs);
    },
    errors: lineCutter(takeError),
    end: () => {
      flush();
      return { summaryFile, other };
    },
  };
};
