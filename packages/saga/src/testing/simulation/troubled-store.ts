import type { SagaStore } from "../../stores/store.ts";
import type { Fortune } from "./fate.ts";
import type { Life } from "./life.ts";
import type { Witness } from "./witness.ts";

/** A store as one worker's process reaches it: each operation and each answer is a point at which the world can change. */
export const troubledStore = (
  store: SagaStore,
  life: Life,
  fortune: Fortune,
  pause: (label: string) => Promise<void>,
  witness: Witness,
): SagaStore => {
  const passes = async (label: string): Promise<void> => {
    await pause(`${life.name} ${label}`);
    if (fortune.dies(label)) life.kill();
    await life.goOn();
  };
  const through = async <T>(
    operation: string,
    work: () => Promise<T>,
  ): Promise<T> => {
    await passes(operation);
    const fault = fortune.store(operation);
    if (fault === "before") throw new Error(`${operation} was not carried out`);
    const answer = await work();
    await passes(`${operation} answered`);
    if (fault === "after")
      throw new Error(`the answer of ${operation} was lost`);
    return answer;
  };
  return {
    open: () => through("open", () => store.open()),
    start: (run, entries, claimant, gate) =>
      through(`start ${run.id}`, async () => {
        const answer = await store.start(run, entries, claimant, gate);
        if (answer.kind === "started") witness.claimed(run.id, answer.epoch);
        return answer;
      }),
    append: (append) =>
      through(
        `append ${append.id} ${append.entries.map(({ kind, step }) => (step === undefined ? kind : `${kind} ${step}`)).join(", ")}`,
        () => store.append(append),
      ),
    claim: (claimant, definitions, limit, held) =>
      through("claim", async () => {
        const runs = await store.claim(claimant, definitions, limit, held);
        for (const { id, epoch } of runs) witness.claimed(id, epoch);
        return runs;
      }),
    seize: (claimant, id) =>
      through(`seize ${id}`, async () => {
        const run = await store.seize(claimant, id);
        if (run !== undefined) witness.claimed(id, run.epoch);
        return run;
      }),
    renew: (claimant) => through("renew", () => store.renew(claimant)),
    release: (id, epoch, delayMs) =>
      through(`release ${id}`, () => store.release(id, epoch, delayMs)),
    requestCancel: (id, reason) =>
      through(`requestCancel ${id}`, () => store.requestCancel(id, reason)),
    cancels: (worker) => through("cancels", () => store.cancels(worker)),
    read: (id) => through(`read ${id}`, () => store.read(id)),
    list: (query) => through("list", () => store.list(query)),
    shapes: () => through("shapes", () => store.shapes()),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};
