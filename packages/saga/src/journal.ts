/** A run's state. The last three are final. */
export type SagaState =
  | "running"
  | "compensating"
  | "stuck"
  | "completed"
  | "compensated"
  | "abandoned";

export const isFinal = (state: SagaState): boolean =>
  state === "completed" || state === "compensated" || state === "abandoned";

export type JournalKind =
  | "started"
  | "intent"
  | "ok"
  | "err"
  | "find"
  | "cancel"
  | "deadline"
  | "compensating"
  | "compensate.intent"
  | "compensate.ok"
  | "compensate.err"
  | "compensate.skip"
  | "completed"
  | "compensated"
  | "stuck"
  | "abandoned"
  | "alert"
  | "admin.retry"
  | "admin.resolve";

/** Whether the entry commits the run to going on: it must not be written by one who does not know of a cancel. */
export const advances = (kind: JournalKind): boolean =>
  kind === "intent" || kind === "completed";

/** Whether the entry shows that the run gets somewhere; a run that kills its process only ever writes the others. */
export const isProgress = (kind: JournalKind): boolean =>
  kind !== "intent" && kind !== "compensate.intent" && kind !== "find";

/** What survives of an error. */
export interface RecordedError {
  readonly name: string;
  readonly code?: string | undefined;
  readonly message: string;
}

/** Why a run waits for a person. */
export type StuckReason = "compensate" | "unknown" | "poison";

/** What an entry says beside its kind and step. All of it is plain JSON. */
export interface EntryDetail {
  readonly error?: RecordedError | undefined;
  /** `err`: whether the call may have had an effect. */
  readonly effect?: "none" | "unknown" | undefined;
  /** `err`, `find`, `compensate.err`: the next call comes so much later; absent if there is none. */
  readonly retryInMs?: number | undefined;
  /** `find`: whether the participant knows the call; absent if it could not say. */
  readonly found?: boolean | undefined;
  /** `cancel`: what was given. `compensating`: `failed`, `cancelled` or `deadline`. `stuck`: a {@link StuckReason}. */
  readonly reason?: string | undefined;
  /** `stuck`: the steps it is about. `abandoned`: those whose effects remain. */
  readonly steps?: readonly string[] | undefined;
  /** `admin.resolve`: whether what was in question has been done. */
  readonly done?: boolean | undefined;
  readonly by?: string | undefined;
  readonly note?: string | undefined;
}

/** What a new entry says; the store adds place, epoch and time. */
export interface EntryBody {
  readonly kind: JournalKind;
  readonly step?: string | undefined;
  readonly attempt?: number | undefined;
  /** JSON: the input of the run, or an output. */
  readonly payload?: string | undefined;
  readonly detail?: EntryDetail | undefined;
}

/** An entry as it stands in a store. */
export interface StoredEntry extends EntryBody {
  /** From 1, without a gap. */
  readonly seq: number;
  readonly epoch: number;
  /** Epoch milliseconds by the store's clock. */
  readonly atMs: number;
}

/** An entry as people read it. */
export interface JournalEntry extends EntryDetail {
  readonly seq: number;
  readonly epoch: number;
  readonly kind: JournalKind;
  readonly step?: string | undefined;
  readonly attempt?: number | undefined;
  readonly key?: string | undefined;
  /** `started` only. */
  readonly input?: unknown;
  readonly output?: unknown;
  readonly atMs: number;
}

/** The key of all calls of one step in one direction. */
export const keyOf = (
  id: string,
  step: string,
  direction: "execute" | "compensate",
): string => `${id}:${step}:${direction}`;

const directions: Partial<Record<JournalKind, "execute" | "compensate">> = {
  intent: "execute",
  ok: "execute",
  err: "execute",
  find: "execute",
  "compensate.intent": "compensate",
  "compensate.ok": "compensate",
  "compensate.err": "compensate",
};

/** The entry as people read it: payload parsed, key spelled out, nothing that is undefined. */
export const readEntry = (id: string, entry: StoredEntry): JournalEntry => {
  const { seq, epoch, kind, step, attempt, payload, detail, atMs } = entry;
  const direction = directions[kind];
  return {
    seq,
    epoch,
    kind,
    ...(step !== undefined && { step }),
    ...(attempt !== undefined && { attempt }),
    ...(step !== undefined &&
      direction !== undefined && { key: keyOf(id, step, direction) }),
    ...(payload !== undefined && {
      [kind === "started" ? "input" : "output"]: JSON.parse(payload) as unknown,
    }),
    ...detail,
    atMs,
  };
};
