import { ManualClock } from "@dp/core/testing";
import {
  createOrchestrator,
  memoryStore,
  type JournalEntry,
  type Orchestrator,
  type OrchestratorOptions,
  type SagaDefinition,
  type SagaEvent,
  type SagaStore,
} from "@dp/saga";

/** An orchestrator on a memory store with a clock that stands still, and all it said. */
export interface Scene {
  readonly clock: ManualClock;
  readonly store: SagaStore;
  readonly orchestrator: Orchestrator;
  readonly events: readonly SagaEvent[];
  /** Another worker on the same store. */
  another(options?: Partial<OrchestratorOptions>): Promise<Orchestrator>;
}

export const createScene = async (
  sagas: readonly SagaDefinition[],
  options: Partial<OrchestratorOptions> = {},
): Promise<Scene> => {
  const clock = new ManualClock();
  const store = options.store ?? memoryStore({ clock });
  const events: SagaEvent[] = [];
  const another = async (
    changes: Partial<OrchestratorOptions> = {},
  ): Promise<Orchestrator> => {
    const orchestrator = await createOrchestrator({
      store,
      sagas,
      clock,
      random: () => 0.5,
      ...options,
      ...changes,
    });
    orchestrator.on((event) => events.push(event));
    return orchestrator;
  };
  return { clock, store, events, another, orchestrator: await another() };
};

/** What happened to a run in short: `intent a 1`. */
export const story = async (
  { admin }: Orchestrator,
  id: string,
): Promise<string[]> => (await admin.journal(id)).map(lineOf);

const lineOf = ({ kind, step, attempt }: JournalEntry): string =>
  [kind, step, attempt].filter((part) => part !== undefined).join(" ");

/** A promise and its end. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export const createGate = (): Gate => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
};

/** What `promise` rejects with. */
export const failureOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`resolved with ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );

/** All that `items` gives. */
export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};
