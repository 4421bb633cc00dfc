import type { EntryBody, SagaState, StoredEntry } from "../journal.ts";

/** What a run is, from its start on. */
export interface RunHead {
  /** Well-formed text: half a surrogate pair does not survive every store. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** What the definition looked like: see `shapeOf`. */
  readonly shape: string;
}

/** Which definitions a worker knows. */
export type DefinitionId = Pick<RunHead, "name" | "version">;

/** Who takes a run, and for how long it may stay silent before others may take it. */
export interface Claimant {
  /** Another one in every process and every incarnation of it. */
  readonly worker: string;
  readonly leaseMs: number;
}

/** What a cancel would meet: `open` accepts it; the others are its answers. */
export type CancelGate = "open" | "too-late" | "already-compensating";

export type CancelAnswer =
  "accepted" | "too-late" | "already-compensating" | "final" | "unknown";

/** A run just taken, with all that is known of it. */
export interface ClaimedRun extends RunHead {
  readonly state: SagaState;
  /** Higher than that of any claim before. */
  readonly epoch: number;
  /** All entries, in order. */
  readonly entries: readonly StoredEntry[];
  /** How often it was claimed since an entry that shows progress (`isProgress`) or a release, this claim included. */
  readonly claims: number;
  /** The reason of a cancel that was accepted. */
  readonly cancel: string | undefined;
  /** The store's time. */
  readonly nowMs: number;
}

/** What the engine wants added to a run it holds. */
export interface Append {
  readonly id: string;
  readonly epoch: number;
  /** The seq of the last entry before these. */
  readonly seq: number;
  readonly entries: readonly EntryBody[];
  /** The state after these entries. */
  readonly state: SagaState;
  readonly gate: CancelGate;
  /** Gives the run back with the same commit; it is due so many ms later. */
  readonly releaseInMs: number | undefined;
  /** Whether these entries or earlier ones know of the cancel, if there is one. */
  readonly knowsCancel: boolean;
}

/**
 * - `appended`: all entries are durable. `cancel` is the reason of an accepted cancel.
 * - `lost`: nothing was written, because the run has another epoch, or has ended.
 * - `cancelled`: nothing was written, because one of the entries goes on (`advances`: an `intent` or `completed`) and a
 *   cancel was accepted before that the appender did not know of.
 */
export type Appended =
  | {
      readonly kind: "appended";
      readonly atMs: number;
      readonly cancel: string | undefined;
    }
  | { readonly kind: "lost" }
  | { readonly kind: "cancelled"; readonly reason: string };

/**
 * - `started`: the run is new. Epoch 1 and held, if there was a claimant; else epoch 0 and due at once.
 * - `exists`: nothing was written; `input` is the JSON it was started with.
 */
export type Started =
  | {
      readonly kind: "started";
      readonly epoch: number;
      readonly atMs: number;
    }
  | {
      readonly kind: "exists";
      readonly name: string;
      readonly input: string;
    };

/** A run as lists show it. */
export interface RunSummary {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly state: SagaState;
  /** When it started, by the store's clock. */
  readonly startedAtMs: number;
  /** When its last entry was written. */
  readonly updatedAtMs: number;
}

export interface ListQuery {
  readonly states?: readonly SagaState[] | undefined;
  readonly name?: string | undefined;
  /** Only ids after this one. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** A shape that live runs of a saga have. */
export interface LiveShape {
  readonly name: string;
  readonly version: number;
  readonly shape: string;
  /** One of its runs. */
  readonly id: string;
}

/**
 * Where runs and their journals are kept. Every operation is atomic and durable when its promise resolves; one that
 * rejects may or may not have been carried out, and can be repeated as it is. All times are the store's.
 *
 * `storeSuite` from `@dp/saga/testing` holds the laws.
 */
export interface SagaStore extends AsyncDisposable {
  /** Creates or migrates what it needs. Called by every orchestrator; harmless when repeated. */
  open(): Promise<void>;
  /**
   * Creates the run with its first entries (`entries[0]` is `started` and holds the input), unless its id exists. With a
   * claimant the run is held from the start. `gate` is what a cancel meets from then on. Repeated after an unknown outcome it answers `exists`.
   */
  start(
    run: RunHead,
    entries: readonly EntryBody[],
    claimant: Claimant | undefined,
    gate: CancelGate,
  ): Promise<Started>;
  /**
   * Adds entries to a run if it still has `epoch`. Repeated with the same epoch and seq after an unknown outcome it
   * writes nothing twice: whoever holds an epoch is its only writer, so a last seq of `seq + entries.length` is its own
   * work.
   */
  append(append: Append): Promise<Appended>;
  /**
   * Takes up to `limit` runs of these definitions that are `running` or `compensating` and either due and held by nobody,
   * or held by a worker whose lease has run out, or held by the claimant without its knowing: not among `held` (the
   * answer that would have told it was lost). Longest due first. Each gets the next epoch. Renews the claimant's lease.
   */
  claim(
    claimant: Claimant,
    definitions: readonly DefinitionId[],
    limit: number,
    held: ReadonlySet<string>,
  ): Promise<readonly ClaimedRun[]>;
  /** Takes this run whoever holds it and whether or not it is due, unless it is final or unknown: then undefined. */
  seize(claimant: Claimant, id: string): Promise<ClaimedRun | undefined>;
  /** Prolongs the lease of all that the worker holds. */
  renew(claimant: Claimant): Promise<void>;
  /** Gives a run back, due `delayMs` from now; nothing happens if it has another epoch. */
  release(id: string, epoch: number, delayMs: number): Promise<void>;
  /** Asks for a cancel. If accepted it is durable, the run is due at once, and no later `intent` or `completed` goes unaware of it. */
  requestCancel(id: string, reason: string): Promise<CancelAnswer>;
  /** Runs the worker holds for which a cancel was accepted. */
  cancels(
    worker: string,
  ): Promise<readonly { readonly id: string; readonly reason: string }[]>;
  /** The run as it stands, without taking it; undefined if unknown. */
  read(
    id: string,
  ): Promise<
    (RunSummary & { readonly entries: readonly StoredEntry[] }) | undefined
  >;
  /** Runs in order of their ids, as the store compares text. */
  list(query: ListQuery): Promise<readonly RunSummary[]>;
  /** The distinct shapes of runs that are not final. */
  shapes(): Promise<readonly LiveShape[]>;
  /** Waits for what is being written, then frees the store. Later calls reject. */
  close(): Promise<void>;
}
