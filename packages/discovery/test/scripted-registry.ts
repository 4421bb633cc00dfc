import type { Instance } from "../src/instance.ts";
import type { Registry } from "../src/registry.ts";
import type { WatchEvent } from "../src/watch-event.ts";

/** One watch that a test speaks through. */
export interface ScriptedWatch {
  emit(event: WatchEvent<unknown>): void;
  fail(error: Error): void;
  end(): void;
  readonly open: boolean;
}

/** A registry that says what a test tells it to, faults included. */
export interface ScriptedRegistry extends Registry {
  /** Every watch ever opened, the last one last. */
  readonly opened: readonly ScriptedWatch[];
  readonly lists: number;
  answer: () => Promise<readonly Instance[]>;
}

type Step = { event: WatchEvent<unknown> } | { error: Error } | { end: true };

const scriptedWatch = (signal: AbortSignal | undefined) => {
  const steps: Step[] = [];
  let wake = (): void => undefined;
  let open = true;
  const say = (step: Step): void => {
    steps.push(step);
    wake();
  };
  signal?.addEventListener("abort", () => say({ end: true }), { once: true });
  async function* follow(): AsyncGenerator<WatchEvent<never>> {
    try {
      for (;;) {
        const step = steps.shift();
        if (step === undefined)
          await new Promise<void>((resolve) => (wake = resolve));
        else if ("event" in step) yield step.event as WatchEvent<never>;
        else if ("error" in step) throw step.error;
        else return;
      }
    } finally {
      open = false;
    }
  }
  const watch: ScriptedWatch = {
    emit: (event) => say({ event }),
    fail: (error) => say({ error }),
    end: () => say({ end: true }),
    get open() {
      return open;
    },
  };
  return { watch, events: follow() };
};

export const scriptedRegistry = (): ScriptedRegistry => {
  const opened: ScriptedWatch[] = [];
  let lists = 0;
  const registry: ScriptedRegistry = {
    capabilities: { lease: false, push: true, fencing: false },
    opened,
    get lists() {
      return lists;
    },
    answer: () => Promise.resolve([]),
    list: () => {
      lists++;
      return registry.answer();
    },
    watch: (_service, options) => {
      const { watch, events } = scriptedWatch(options?.signal);
      opened.push(watch);
      return events;
    },
    register: () =>
      Promise.reject(new Error("scripted registries are read only")),
    services: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return registry;
};

/** An instance of `web` as of a revision. */
export const instanceOf = (
  id: string,
  revision: number = 1,
  more: Partial<Instance> = {},
): Instance => ({
  service: "web",
  id,
  host: "10.0.0.1",
  port: 8080,
  weight: 1,
  priority: 0,
  state: "serving",
  revision: BigInt(revision),
  metadata: {},
  ...more,
});

/** A sync with these instances. */
export const syncOf = (
  revision: number,
  ...instances: Instance[]
): Extract<WatchEvent<unknown>, { type: "sync" }> => ({
  type: "sync",
  revision: BigInt(revision),
  reason: "initial",
  instances: new Map(instances.map((each) => [each.id, each])),
});

/** A delta that puts one instance. */
export const putOf = (instance: Instance): WatchEvent<unknown> => ({
  type: "delta",
  revision: instance.revision,
  changes: [{ op: "put", instance }],
});

/** A delta that removes one id. */
export const deleteOf = (
  revision: number,
  id: string,
): WatchEvent<unknown> => ({
  type: "delta",
  revision: BigInt(revision),
  changes: [{ op: "delete", id, why: "deregistered" }],
});
