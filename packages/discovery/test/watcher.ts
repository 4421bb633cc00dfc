import type { Registry } from "../src/registry.ts";
import type { WatchEvent } from "../src/watch-event.ts";

/** One open watch and what it has told so far, in short: `sync initial a b`, `delta +a -b`, `stale`, `fresh`. */
export interface Watcher {
  readonly events: readonly WatchEvent<unknown>[];
  readonly told: readonly string[];
  /** True once the loop is over. */
  readonly ended: boolean;
  leave(): void;
}

const inShort = (event: WatchEvent<unknown>): string => {
  switch (event.type) {
    case "sync":
      return ["sync", event.reason, ...event.instances.keys()].join(" ");
    case "delta":
      return [
        "delta",
        ...event.changes.map((change) =>
          change.op === "put"
            ? `+${change.instance.id}${change.instance.state === "draining" ? "(draining)" : ""}`
            : `-${change.id}`,
        ),
      ].join(" ");
    case "stale":
    case "fresh":
      return event.type;
  }
};

export const watchService = (registry: Registry, service: string): Watcher => {
  const events: WatchEvent<unknown>[] = [];
  const abort = new AbortController();
  let ended = false;
  const follow = async (): Promise<void> => {
    const { signal } = abort;
    for await (const event of registry.watch(service, { signal }))
      events.push(event);
  };
  void follow().finally(() => (ended = true));
  return {
    events,
    get told() {
      return events.map(inShort);
    },
    get ended() {
      return ended;
    },
    leave: () => abort.abort(),
  };
};
