import {
  createOrchestrator,
  saga,
  type EntryBody,
  type SagaStore,
} from "@dp/saga";
import type { Subject } from "./subject.ts";

/** Three steps that do nothing but return a number. */
export const three = saga<{ readonly order: string }>("three")
  .step("a", { execute: () => 1 })
  .step("b", { execute: () => 2 })
  .step("c", { execute: () => 3 })
  .result(({ steps }) => steps.a + steps.b + steps.c);

/** The orchestrator on a store, as a program would use it. Closes the store too. */
export const engineOn = async (
  name: string,
  store: SagaStore,
): Promise<Subject> => {
  const orchestrator = await createOrchestrator({ store, sagas: [three] });
  return {
    name,
    run: async (id) => {
      const handle = await orchestrator.start(three, id, { order: id });
      const result = await handle.result();
      if (result !== 6) throw new Error(`${id} gave ${result}`);
    },
    close: async () => {
      await orchestrator.close();
      await store.close();
    },
  };
};

/** What the store is asked to write for one run, commit by commit. */
export const commitsOf = async (
  store: SagaStore,
): Promise<readonly (readonly EntryBody[])[]> => {
  const commits: (readonly EntryBody[])[] = [];
  const start = store.start.bind(store);
  const append = store.append.bind(store);
  store.start = (head, entries, ...rest) => {
    commits.push(entries);
    return start(head, entries, ...rest);
  };
  store.append = (asked) => {
    commits.push(asked.entries);
    return append(asked);
  };
  const engine = await engineOn("recorded", store);
  await engine.run("recorded-0001");
  await engine.close();
  return commits;
};
