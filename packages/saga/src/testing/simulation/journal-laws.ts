import type { SagaDefinition } from "../../definition.ts";
import { isFinal, type StoredEntry } from "../../journal.ts";
import type { Step } from "../../step.ts";

/** What is wrong with the journal of a run that has ended, in words. */
export const breaksOf = (
  definition: SagaDefinition,
  entries: readonly StoredEntry[],
): string[] => [
  ...orderBreaks(entries),
  ...endBreaks(entries),
  ...forwardBreaks(definition, entries),
  ...backwardBreaks(definition, entries),
  ...definition.steps.flatMap((step) => stepBreaks(step, entries)),
];

const orderBreaks = (entries: readonly StoredEntry[]): string[] =>
  entries.flatMap(({ seq, epoch }, at) => [
    ...(seq === at + 1 ? [] : [`entry ${at + 1} has seq ${seq}`]),
    ...(epoch >= (entries[at - 1]?.epoch ?? 0)
      ? []
      : [`entry ${seq} has the lower epoch ${epoch}`]),
  ]);

const endBreaks = (entries: readonly StoredEntry[]): string[] => {
  const starts = entries.filter(({ kind }) => kind === "started").length;
  const ends = entries.filter(({ kind }) => isEnd(kind));
  return [
    ...(starts === 1 && entries[0]?.kind === "started"
      ? []
      : [`${starts} starts`]),
    ...(ends.length === 1 && ends[0] === entries.at(-1)
      ? []
      : [`ends: ${ends.map(({ kind }) => kind).join(", ") || "none"}`]),
  ];
};

const isEnd = (kind: string): boolean =>
  kind === "completed" || kind === "compensated" || kind === "abandoned";

/** A unit begins when those before it are done, and never once the run goes backward. */
const forwardBreaks = (
  { steps }: SagaDefinition,
  entries: readonly StoredEntry[],
): string[] => {
  const done = new Set<string>();
  let isBackward = false;
  const breaks: string[] = [];
  for (const { kind, step: name = "", detail } of entries) {
    if (kind === "compensating") isBackward = true;
    if (
      kind === "ok" ||
      (kind === "find" && detail?.found === true) ||
      (kind === "admin.resolve" && detail?.done === true)
    )
      done.add(name);
    if (kind !== "intent") continue;
    if (isBackward) breaks.push(`intent of ${name} after compensating`);
    const unit = steps.find((step) => step.name === name)?.unit ?? 0;
    const missing = steps.filter(
      (step) => step.unit < unit && !done.has(step.name),
    );
    if (missing.length > 0)
      breaks.push(
        `intent of ${name} before the outcome of ${missing.map((step) => step.name).join(", ")}`,
      );
  }
  return breaks;
};

/** Units are compensated from the last to the first, and none once the pivot is done. */
const backwardBreaks = (
  { steps }: SagaDefinition,
  entries: readonly StoredEntry[],
): string[] => {
  let unit = Infinity;
  const breaks: string[] = [];
  const pivot = steps.find(({ role }) => role === "pivot")?.name;
  for (const { kind, step: name } of entries) {
    if (kind === "compensating" && pivot !== undefined)
      if (entries.some((each) => each.kind === "ok" && each.step === pivot))
        breaks.push(`compensating although ${pivot} is done`);
    if (kind !== "compensate.intent") continue;
    const next = steps.find((step) => step.name === name)?.unit ?? 0;
    if (next > unit)
      breaks.push(`${name ?? ""} is compensated after what came before it`);
    unit = next;
  }
  return breaks;
};

/**
 * Attempts count up, in each direction for itself, and not beyond the budget. One that `find` says never happened, after
 * its process had died, or that a person retries, is made again under its number: a crash is not an attempt.
 */
const stepBreaks = (step: Step, entries: readonly StoredEntry[]): string[] => {
  const breaks: string[] = [];
  const isForgiven = entries.some(({ kind }) => kind === "admin.retry");
  const last = { intent: 0, "compensate.intent": 0 };
  let isCleared = false;
  for (const { kind, step: name, attempt = 0, detail } of entries) {
    if (name !== undefined && name !== step.name) continue;
    if (kind === "find") isCleared = detail?.found === false;
    if (kind === "admin.retry") isCleared = true;
    if (kind === "err" || kind === "ok") isCleared = false;
    if (kind !== "intent" && kind !== "compensate.intent") continue;
    const isAgain = isCleared && attempt === last[kind];
    if (!isAgain && attempt !== last[kind] + 1)
      breaks.push(`${kind} of ${name} ${attempt} after ${last[kind]}`);
    last[kind] = attempt;
    const { attempts } = kind === "intent" ? step.retry : step.compensateRetry;
    if (!isForgiven && step.role !== "retriable" && attempt > attempts)
      breaks.push(`${kind} of ${name} ${attempt}, at most ${attempts} allowed`);
  }
  return breaks;
};

/** Whether the state is one in which nothing happens any more by itself. */
export const isAtRest = (state: string): boolean =>
  state === "stuck" || isFinal(state as Parameters<typeof isFinal>[0]);
