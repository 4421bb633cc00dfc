import type { JournalEntry } from "@dp/saga";

/** The journal of a run for people: a line an entry, with the time since it started. */
export const timelineOf = (
  entries: readonly JournalEntry[],
): readonly string[] => {
  const startMs = entries[0]?.atMs ?? 0;
  const width = Math.max(0, ...entries.map(({ step = "" }) => step.length));
  return entries.map((entry) => {
    const at = `+${((entry.atMs - startMs) / 1_000).toFixed(3)} s`;
    const step = (entry.step ?? "").padEnd(width);
    return [at.padStart(10), step, wordsOf(entry)].join("  ").trimEnd();
  });
};

/** What a step has come to, by the last entry about it. */
export const stepsOf = (
  entries: readonly JournalEntry[],
): Readonly<Record<string, string>> => {
  const steps: Record<string, string> = {};
  for (const entry of entries)
    if (entry.step !== undefined && entry.kind in stepWords)
      steps[entry.step] = stepWords[entry.kind] ?? "";
  return steps;
};

const stepWords: Partial<Record<JournalEntry["kind"], string>> = {
  intent: "called",
  ok: "done",
  err: "failed",
  "compensate.intent": "being undone",
  "compensate.ok": "undone",
  "compensate.err": "not undone yet",
  "compensate.skip": "nothing to undo",
};

const json = (value: unknown): string =>
  value === undefined ? "" : JSON.stringify(value);

const wordsOf = (entry: JournalEntry): string => {
  const { kind, attempt, key, reason, steps, by } = entry;
  const number = attempt === undefined || attempt === 1 ? "" : ` (${attempt})`;
  switch (kind) {
    case "started":
      return `started  ${json(entry.input)}`;
    case "intent":
      return `call${number}  key ${key ?? ""}`;
    case "ok":
      return `done  ${json(entry.output)}`;
    case "err":
      return `failed: ${errorOf(entry)}, ${effectOf(entry)}${againOf(entry)}`;
    case "find":
      return `asked whether it happened: ${foundOf(entry)}`;
    case "cancel":
      return `cancel asked for: ${reason ?? ""}`;
    case "deadline":
      return "out of time";
    case "compensating":
      return `going back (${reason ?? ""}): ${errorOf(entry)}`;
    case "compensate.intent":
      return `undo${number}  key ${key ?? ""}`;
    case "compensate.ok":
      return "undone";
    case "compensate.err":
      return `not undone: ${errorOf(entry)}${againOf(entry)}`;
    case "compensate.skip":
      return "nothing to undo";
    case "completed":
      return `completed  ${json(entry.output)}`;
    case "compensated":
      return "compensated";
    case "stuck":
      return `stuck (${reason ?? ""}), somebody must look: ${(steps ?? []).join(", ")}`;
    case "abandoned":
      return `abandoned by ${by ?? "nobody"}, left undone: ${(steps ?? []).join(", ") || "nothing"}`;
    case "alert":
      return `takes long: ${errorOf(entry)}`;
    case "admin.retry":
      return `${by ?? "somebody"} lets it go on`;
    case "admin.resolve":
      return `${by ?? "somebody"} says that it was ${entry.done === true ? "" : "not "}done`;
  }
};

/** The message without the code it begins with. */
const errorOf = ({ error, reason }: JournalEntry): string => {
  const { code = "", message } = error ?? {};
  const prefix = `${code}: `;
  if (message?.startsWith(prefix) === true) return message.slice(prefix.length);
  return message ?? reason ?? "no reason was recorded";
};

const effectOf = ({ effect }: JournalEntry): string =>
  effect === "none" ? "nothing was done" : "nobody knows whether it was done";

const againOf = ({ retryInMs }: JournalEntry): string =>
  retryInMs === undefined ? "" : `; again in ${retryInMs} ms`;

const foundOf = (entry: JournalEntry): string => {
  if (entry.found !== undefined) return entry.found ? "yes" : "no";
  return `no answer, ${errorOf(entry)}${againOf(entry)}`;
};
