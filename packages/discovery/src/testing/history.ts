import { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import type { Instance } from "../instance.ts";
import type { Change, WatchEvent } from "../watch-event.ts";

/** One change that truly happened. The revision may be left out where the writer is not told it (deletes). */
export interface HistoryEntry<M = unknown> {
  readonly change: Change<M>;
  readonly revision?: bigint | undefined;
}

const fail = (index: number, what: string): never => {
  throw new AssertionError({ message: `event ${index}: ${what}` });
};

const show = (change: Change<unknown> | undefined): string =>
  change === undefined
    ? "nothing"
    : change.op === "put"
      ? `put ${change.instance.id} at ${change.instance.revision}`
      : `delete ${change.id} (${change.why})`;

const matches = (seen: Change<unknown>, truth: Change<unknown>): boolean =>
  seen.op === "delete" && seen.why === "unknown" && truth.op === "delete"
    ? seen.id === truth.id
    : isDeepStrictEqual(seen, truth);

const apply = (
  state: Map<string, Instance<unknown>>,
  change: Change<unknown>,
): void => {
  if (change.op === "put") state.set(change.instance.id, change.instance);
  else state.delete(change.id);
};

/**
 * Checks what one watcher of a service saw against what truly happened to it, in order: the first event is a `sync`
 * and the only `initial` one, every `sync` is the true state at one moment not before the last, and the deltas after it are the true changes from
 * there on: in order, none twice, none left out, each one revision. With `complete` the watcher must have got to the
 * end. Throws an AssertionError that names the first event that is wrong.
 */
export const checkHistory = (
  truth: readonly HistoryEntry[],
  seen: readonly WatchEvent<unknown>[],
  options: { readonly complete?: boolean | undefined } = {},
): void => {
  const state = new Map<string, Instance<unknown>>();
  /** How many true changes the watcher knows of. */
  let position = 0;
  let revision: bigint | undefined;

  const isMoment = (event: WatchEvent<unknown> & { type: "sync" }): boolean =>
    (truth[position - 1]?.revision ?? 0n) <= event.revision &&
    (truth[position]?.revision ?? event.revision + 1n) > event.revision &&
    isDeepStrictEqual(new Map(state), new Map(event.instances));

  const advance = (): void => {
    const entry = truth[position++];
    if (entry !== undefined) apply(state, entry.change);
  };

  for (const [index, event] of seen.entries()) {
    if (event.type === "stale" || event.type === "fresh") continue;
    if (event.type === "sync") {
      if (event.reason === "initial" && revision !== undefined)
        fail(index, "initial, though not the first");
      if (revision !== undefined && event.revision < revision)
        fail(index, `sync goes back from ${revision} to ${event.revision}`);
      while (!isMoment(event)) {
        if (position === truth.length)
          fail(
            index,
            `sync at ${event.revision} is the state of no moment since the last event`,
          );
        advance();
      }
    } else {
      if (revision === undefined) return fail(index, "a delta before any sync");
      if (event.revision <= revision)
        fail(index, `delta ${event.revision} after ${revision}`);
      if (event.changes.length === 0) fail(index, "a delta of nothing");
      for (const change of event.changes) {
        const entry = truth[position];
        if (entry === undefined || !matches(change, entry.change))
          fail(index, `${show(change)} where ${show(entry?.change)} happened`);
        const written =
          change.op === "put" ? change.instance.revision : entry?.revision;
        if (written !== undefined && written !== event.revision)
          fail(index, `${show(change)} in a delta of ${event.revision}`);
        advance();
      }
    }
    revision = event.revision;
  }
  if (options.complete === true && position !== truth.length)
    fail(
      seen.length,
      `never came, ${truth.length - position} changes are missing, first ${show(truth[position]?.change)}`,
    );
};
