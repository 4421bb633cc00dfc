import type { ManualClock } from "@dp/core/testing";
import type { EntryBody } from "../../journal.ts";
import type {
  Append,
  Appended,
  Claimant,
  ClaimedRun,
  RunHead,
  SagaStore,
  Started,
} from "../../stores/store.ts";

/** A store and its time, with the words the cases are made of. */
export interface StoreScene {
  readonly store: SagaStore;
  readonly clock: ManualClock;
}

/** One law of stores. */
export interface StoreCase {
  readonly name: string;
  readonly run: (scene: StoreScene) => Promise<void>;
}

export const ann: Claimant = { worker: "ann", leaseMs: 1_000 };
export const bob: Claimant = { worker: "bob", leaseMs: 1_000 };
export const none: ReadonlySet<string> = new Set();
export const known = [{ name: "order", version: 1 }] as const;

export const headOf = (id: string, head: Partial<RunHead> = {}): RunHead => ({
  id,
  name: "order",
  version: 1,
  shape: "a > b",
  ...head,
});

export const started: EntryBody = { kind: "started", payload: "1" };
export const intent: EntryBody = { kind: "intent", step: "a", attempt: 1 };

/** Starts a run that is due at once, unless a claimant takes it from the start. */
export const start = (
  { store }: StoreScene,
  id: string,
  claimant?: Claimant,
  head?: Partial<RunHead>,
): Promise<Started> =>
  store.start(headOf(id, head), [started], claimant, "open");

export const claim = (
  { store }: StoreScene,
  claimant: Claimant,
  limit: number = 10,
  held: ReadonlySet<string> = none,
): Promise<readonly ClaimedRun[]> => store.claim(claimant, known, limit, held);

/** Appends to a run of one entry under epoch 1, unless told. */
export const append = (
  { store }: StoreScene,
  id: string,
  entries: readonly EntryBody[],
  more: Partial<Append> = {},
): Promise<Appended> =>
  store.append({
    id,
    epoch: 1,
    seq: 1,
    entries,
    state: "running",
    gate: "open",
    releaseInMs: undefined,
    knowsCancel: false,
    ...more,
  });

export const kindsOf = async (
  { store }: StoreScene,
  id: string,
): Promise<readonly string[]> =>
  (await store.read(id))?.entries.map(({ kind }) => kind) ?? [];

export const idsOf = (
  runs: readonly { readonly id: string }[],
): readonly string[] => runs.map(({ id }) => id);
