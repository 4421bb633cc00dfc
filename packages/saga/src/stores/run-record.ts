import {
  advances,
  isFinal,
  isProgress,
  type SagaState,
  type StoredEntry,
} from "../journal.ts";
import type {
  Append,
  CancelAnswer,
  CancelGate,
  Claimant,
  ClaimedRun,
  RunHead,
} from "./store.ts";

/** What a store in one process keeps in memory of a run that is not final. */
export interface RunRecord {
  readonly head: RunHead;
  state: SagaState;
  gate: CancelGate;
  epoch: number;
  owner: string | undefined;
  nextAtMs: number;
  claims: number;
  cancel: string | undefined;
  /** The seq of its last entry. */
  seq: number;
}

export const newRecord = (
  head: RunHead,
  claimant: Claimant | undefined,
  gate: CancelGate,
  atMs: number,
): RunRecord => ({
  head,
  state: "running",
  gate,
  epoch: claimant === undefined ? 0 : 1,
  owner: claimant?.worker,
  nextAtMs: atMs,
  claims: 0,
  cancel: undefined,
  seq: 0,
});

/** Whether an append is to be written, was written before, or why it must not be. */
export const verdictOf = (
  run: RunRecord | undefined,
  { epoch, seq, entries, knowsCancel }: Append,
): "write" | "repeated" | "lost" | "cancelled" => {
  if (run?.epoch !== epoch) return "lost";
  if (entries.length > 0 && run.seq === seq + entries.length) return "repeated";
  if (run.seq !== seq || isFinal(run.state)) return "lost";
  return run.cancel !== undefined &&
    !knowsCancel &&
    entries.some(({ kind }) => advances(kind))
    ? "cancelled"
    : "write";
};

/** Changes the record as the append says; tells whether anything but its seq is another now. */
export const applyAppend = (
  run: RunRecord,
  { entries, state, gate, releaseInMs }: Append,
  atMs: number,
): boolean => {
  // Who gives a run back has lived to do so.
  const isAlive =
    releaseInMs !== undefined || entries.some(({ kind }) => isProgress(kind));
  const claims = isAlive ? 0 : run.claims;
  const isChanged =
    run.state !== state ||
    run.gate !== gate ||
    run.claims !== claims ||
    releaseInMs !== undefined;
  run.seq += entries.length;
  run.state = state;
  run.gate = gate;
  run.claims = claims;
  if (isFinal(state) || state === "stuck") run.owner = undefined;
  if (releaseInMs !== undefined) giveBack(run, atMs + releaseInMs);
  return isChanged;
};

export const giveBack = (run: RunRecord, nextAtMs: number): void => {
  run.owner = undefined;
  run.nextAtMs = nextAtMs;
};

/** Gives the run to the worker, under the next epoch. */
export const take = (run: RunRecord, { worker }: Claimant): void => {
  run.epoch++;
  run.claims++;
  run.owner = worker;
};

export const claimedRun = (
  { head, state, epoch, claims, cancel }: RunRecord,
  entries: readonly StoredEntry[],
  nowMs: number,
): ClaimedRun => ({ ...head, state, epoch, entries, claims, cancel, nowMs });

/** Asks for a cancel of a run that is not final. */
export const acceptCancel = (
  run: RunRecord,
  reason: string,
  nowMs: number,
): CancelAnswer => {
  if (run.gate !== "open") return run.gate;
  run.cancel ??= reason;
  run.nextAtMs = Math.min(run.nextAtMs, nowMs);
  return "accepted";
};
