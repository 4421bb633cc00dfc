import type { Append, SagaStore } from "../stores/store.ts";

/** Does the operation, or fails in its place. `operation` says what it is: `claim`, `append r1 ok a, intent b`. */
export type Around = <T>(
  operation: string,
  work: () => Promise<T>,
) => Promise<T>;

const wordsOf = ({ id, entries }: Append): string =>
  `append ${id} ${entries.map(({ kind, step }) => (step === undefined ? kind : `${kind} ${step}`)).join(", ")}`;

/** The store with something around each of its operations but the last: closing goes straight through. */
export const aroundStore = (store: SagaStore, around: Around): SagaStore => ({
  open: () => around("open", () => store.open()),
  start: (run, entries, claimant, gate) =>
    around(`start ${run.id}`, () => store.start(run, entries, claimant, gate)),
  append: (append) => around(wordsOf(append), () => store.append(append)),
  claim: (claimant, definitions, limit, held) =>
    around("claim", () => store.claim(claimant, definitions, limit, held)),
  seize: (claimant, id) =>
    around(`seize ${id}`, () => store.seize(claimant, id)),
  renew: (claimant) => around("renew", () => store.renew(claimant)),
  release: (id, epoch, delayMs) =>
    around(`release ${id}`, () => store.release(id, epoch, delayMs)),
  requestCancel: (id, reason) =>
    around(`requestCancel ${id}`, () => store.requestCancel(id, reason)),
  cancels: (worker) => around("cancels", () => store.cancels(worker)),
  read: (id) => around(`read ${id}`, () => store.read(id)),
  list: (query) => around("list", () => store.list(query)),
  shapes: () => around("shapes", () => store.shapes()),
  close: () => store.close(),
  [Symbol.asyncDispose]: () => store.close(),
});
