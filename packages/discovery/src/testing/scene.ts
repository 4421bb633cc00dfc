import { AssertionError } from "node:assert";
import type {
  InstancePatch,
  Registration,
  RegistrationSpec,
} from "../registration.ts";
import type { Registry } from "../registry.ts";
import type { RemovalCause, WatchEvent } from "../watch-event.ts";
import { checkHistory, type HistoryEntry } from "./history.ts";

/** One watcher and all it has seen. */
export interface Recording {
  readonly service: string;
  readonly events: WatchEvent<unknown>[];
  /** True once the loop is over, for whatever reason. */
  ended: boolean;
  /** Leaves the loop at the next event. */
  leave: boolean;
}

/** A registry under test, with a record of everything that truly happened to it. */
export class Scene {
  readonly registry: Registry;
  readonly pass: (ms: number) => Promise<void>;
  readonly #truth = new Map<string, HistoryEntry[]>();

  constructor(registry: Registry, pass: (ms: number) => Promise<void>) {
    this.registry = registry;
    this.pass = pass;
  }

  truth(service: string): HistoryEntry[] {
    let entries = this.#truth.get(service);
    if (entries === undefined) this.#truth.set(service, (entries = []));
    return entries;
  }

  async register(spec: RegistrationSpec): Promise<Registration> {
    const registration = await this.registry.register(spec);
    this.#wrote(registration);
    return registration;
  }

  async update(
    registration: Registration,
    patch: InstancePatch,
  ): Promise<void> {
    await registration.update(patch);
    this.#wrote(registration);
  }

  async drain(registration: Registration): Promise<void> {
    await registration.setState("draining");
    this.#wrote(registration);
  }

  async close(registration: Registration): Promise<void> {
    await registration.close();
    this.removed(registration, "deregistered");
  }

  /** Notes a removal that happened by other ways than {@link Scene.close}. */
  removed(registration: Registration, why: RemovalCause): void {
    const { service, id } = registration.instance;
    this.truth(service).push({ change: { op: "delete", id, why } });
  }

  /** Starts a watcher; with `hold` it reads on after its first event only when that resolves. */
  record(
    service: string,
    options: {
      readonly signal?: AbortSignal | undefined;
      readonly hold?: Promise<void> | undefined;
    } = {},
  ): Recording {
    const { signal, hold } = options;
    const recording: Recording = {
      service,
      events: [],
      ended: false,
      leave: false,
    };
    const follow = async (): Promise<void> => {
      for await (const event of this.registry.watch(service, { signal })) {
        recording.events.push(event);
        await hold;
        if (recording.leave) break;
      }
    };
    void follow().finally(() => (recording.ended = true));
    return recording;
  }

  /** Lets time pass in small steps until the condition holds; fails after two seconds of it. */
  async eventually(what: string, condition: () => boolean): Promise<void> {
    for (let waited = 0; waited < 400; waited++) {
      await this.pass(0);
      if (condition()) return;
      await this.pass(5);
    }
    throw new AssertionError({ message: `${what}: it never happens` });
  }

  /** Waits until the watcher has seen all that happened, and checks that it saw it right. */
  async complete(recording: Recording): Promise<void> {
    const truth = this.truth(recording.service);
    const last = truth.at(-1);
    const isDone = (): boolean => {
      try {
        checkHistory(truth, recording.events, { complete: true });
        return recording.events.length > 0;
      } catch {
        return false;
      }
    };
    await this.eventually("a watcher sees all", isDone).catch(() =>
      checkHistory(truth, recording.events, { complete: true }),
    );
    // What comes after the end of the truth was made up.
    await this.pass(0);
    checkHistory(truth, recording.events, { complete: last !== undefined });
  }

  #wrote(registration: Registration): void {
    const { instance } = registration;
    this.truth(instance.service).push({
      change: { op: "put", instance },
      revision: instance.revision,
    });
  }
}
