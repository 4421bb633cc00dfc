import { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";
import type { Instance } from "../instance.ts";
import type { WatchEvent } from "../watch-event.ts";
import type { HistoryEntry } from "./history.ts";

type State = Map<string, Instance<unknown>>;

const fail = (index: number, what: string): never => {
  throw new AssertionError({ message: `event ${index}: ${what}` });
};

/** What the instance says, without the revision: those who write it do not know that of a registry that only polls. */
const said = <M>(instance: Instance<M>): Instance<M> => ({
  ...instance,
  revision: 0n,
});

const stateOf = (instances: Iterable<Instance<unknown>>): State =>
  new Map(Array.from(instances, (each) => [each.id, said(each)]));

/** The state after each true change, the empty one first. */
const statesOf = (truth: readonly HistoryEntry[]): State[] => {
  const states: State[] = [new Map<string, Instance<unknown>>()];
  const now: State = new Map();
  for (const { change } of truth) {
    if (change.op === "put") now.set(change.instance.id, said(change.instance));
    else now.delete(change.id);
    states.push(new Map(now));
  }
  return states;
};

/** The state the event leads to. Fails if it changes nothing, or what is not there. */
const follow = (
  index: number,
  before: State,
  event: Extract<WatchEvent<unknown>, { type: "sync" | "delta" }>,
): State => {
  if (event.type === "sync") return stateOf(event.instances.values());
  const after = new Map(before);
  for (const change of event.changes) {
    const id = change.op === "put" ? change.instance.id : change.id;
    const held = after.get(id);
    if (change.op === "delete") {
      if (!after.delete(id)) fail(index, `delete ${id}, which is not there`);
    } else {
      after.set(id, said(change.instance));
      if (isDeepStrictEqual(held, after.get(id)))
        fail(index, `put ${id} says nothing new`);
    }
  }
  if (event.changes.length === 0) fail(index, "a delta of nothing");
  return after;
};

/**
 * Like `checkHistory`, for registries that see states and not every change (they poll): after each event the watcher's
 * state is the true one of a moment not before the last, no delta says what was known, and revisions grow. With
 * `complete` the last state is the true one. Revisions of instances are not compared.
 */
export const checkStateHistory = (
  truth: readonly HistoryEntry[],
  seen: readonly WatchEvent<unknown>[],
  options: { readonly complete?: boolean | undefined } = {},
): void => {
  const states = statesOf(truth);
  let state: State | undefined;
  let position = 0;
  let revision = -1n;
  for (const [index, event] of seen.entries()) {
    if (event.type === "stale" || event.type === "fresh") continue;
    if (state === undefined && event.type === "delta")
      return fail(index, "a delta before any sync");
    if (
      event.type === "sync" &&
      event.reason === "initial" &&
      state !== undefined
    )
      fail(index, "initial, though not the first");
    if (event.revision < revision)
      fail(index, `revision ${event.revision} after ${revision}`);
    if (event.revision === revision && event.type === "delta")
      fail(index, `a second delta of ${revision}`);
    revision = event.revision;
    const next = follow(index, state ?? (new Map() as State), event);
    while (!isDeepStrictEqual(states[position], next))
      if (++position === states.length)
        fail(index, "its state is that of no moment since the last event");
    state = next;
  }
  if (options.complete === true && !isDeepStrictEqual(state, states.at(-1)))
    fail(seen.length, "never came: the last state is not the true one");
};
