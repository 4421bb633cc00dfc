/** A mistake that somebody could make in the engine: one place of a file, and what would stand there. */
export interface Fault {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly right: string;
  readonly wrong: string;
}

export const faults: readonly Fault[] = [
  {
    name: "no intent before a call",
    file: "deliberation.ts",
    right: `    this.write({ kind, step: step.name, attempt });`,
    wrong: `    if (handler !== "execute") this.write({ kind, step: step.name, attempt });`,
  },
  {
    name: "compensation in forward order",
    file: "backward.ts",
    right: "of on.definition.units.toReversed()) {",
    wrong: "of on.definition.units) {",
  },
  {
    name: "unknown outcomes skipped on the way back",
    file: "backward.ts",
    right: `  status === "idle" ||`,
    wrong: `  status === "idle" || status === "called" ||`,
  },
  {
    name: "a late Rejected clears what an earlier attempt owes",
    file: "fold.ts",
    right: `owed: step.owed || effect === "unknown",`,
    wrong: `owed: effect === "unknown",`,
  },
  {
    name: "the repeated call of a dead process trusted",
    file: "outcome.ts",
    right: `call.isRepeated ? "unknown" : verdict.effect`,
    wrong: `verdict.effect`,
  },
  {
    name: "the attempt counter lost",
    file: "fold.ts",
    right: `nextAttempt: (entry.attempt ?? step.nextAttempt) + 1,`,
    wrong: `nextAttempt: 1,`,
  },
  {
    name: "a group not settled before it is compensated",
    file: "forward.ts",
    right: `if (steps.some((each) => on.isBusy(each))) {`,
    wrong: `if (steps.every((each) => on.isBusy(each))) {`,
  },
  {
    name: "a gap in the journal",
    file: "stores/memory.ts",
    right: `      seq: run.entries.length + 1,`,
    wrong: `      seq: run.entries.length + (run.entries.length > 3 ? 2 : 1),`,
  },
  {
    name: "a run claimed twice under one epoch",
    file: "stores/run-record.ts",
    right: `  run.epoch++;`,
    wrong: ``,
  },
  {
    name: "an append of an old epoch accepted",
    file: "stores/run-record.ts",
    right: `if (run?.epoch !== epoch) return "lost";`,
    wrong: `if (run === undefined) return "lost";`,
  },
  {
    name: "an accepted cancel overtaken",
    file: "stores/run-record.ts",
    right: `    !knowsCancel &&`,
    wrong: `    knowsCancel &&`,
  },
  {
    name: "a result written after the next intent",
    file: "runner.ts",
    right: `const entries = facts.concat(decision.entries);`,
    wrong: `const entries = decision.entries.concat(facts);`,
  },
  {
    name: "a start acknowledged before it is durable",
    file: "runner.ts",
    right: `      const answer = await this.#journal.write(`,
    wrong: `      this.#onWritten?.();
      const answer = await this.#journal.write(`,
  },
  {
    name: "a pivot of unknown outcome taken back",
    file: "forward.ts",
    right: `(step.role === "pivot" && !owed)`,
    wrong: `step.role === "pivot"`,
  },
  {
    name: "the output lost before its compensation",
    file: "fold.ts",
    right: `return change((step) => ({ ...step, status: "ok", output: payload }));`,
    wrong: `return change((step) => ({ ...step, status: "ok", output: undefined }));`,
  },
  {
    name: "a failed compensation taken for done",
    file: "fold.ts",
    right: `failed(step, entry, atMs, ["compensate-waiting", "compensate-failed"]),`,
    wrong: `failed(step, entry, atMs, ["compensate-waiting", "settled"]),`,
  },
];
