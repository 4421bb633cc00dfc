import type { SagaStore } from "../../stores/store.ts";
import { aroundStore } from "../around-store.ts";
import { faultyStore } from "../faulty-store.ts";
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
  const watched: SagaStore = {
    ...aroundStore(store, (_operation, work) => work()),
    start: async (run, entries, claimant, gate) => {
      const answer = await store.start(run, entries, claimant, gate);
      if (answer.kind === "started") witness.claimed(run.id, answer.epoch);
      return answer;
    },
    claim: async (claimant, definitions, limit, held) => {
      const runs = await store.claim(claimant, definitions, limit, held);
      for (const { id, epoch } of runs) witness.claimed(id, epoch);
      return runs;
    },
    seize: async (claimant, id) => {
      const run = await store.seize(claimant, id);
      if (run !== undefined) witness.claimed(id, run.epoch);
      return run;
    },
    append: async (append) => {
      const answer = await store.append(append);
      if (answer.kind === "appended") witness.appended(append.id, append.epoch);
      return answer;
    },
    // The store is not the worker's to close.
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const faulty = faultyStore(watched, (operation) => fortune.store(operation));
  return aroundStore(faulty, async (operation, work) => {
    await passes(operation);
    try {
      return await work();
    } finally {
      await passes(`${operation} answered`);
    }
  });
};
