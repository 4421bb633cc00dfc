import assert, { AssertionError } from "node:assert/strict";
import type {
  InstancePatch,
  Registration,
  RegistrationSpec,
} from "../registration.ts";
import type { Instance } from "../instance.ts";
import type { Registry } from "../registry.ts";
import type { Change, RemovalCause, WatchEvent } from "../watch-event.ts";
import { checkHistory, type HistoryEntry } from "./history.ts";
import { checkStateHistory } from "./state-history.ts";

/** How a registry under test differs from one that keeps everything and sees every change. */
export interface SceneOptions {
  readonly pass: (ms: number) => Promise<void>;
  /** How instances get in; undefined: by the registry itself. */
  readonly register?:
    ((spec: RegistrationSpec) => Promise<Registration>) | undefined;
  readonly granularity: "changes" | "states";
  /** How many updates a reader misses that stands still. */
  readonly backlog: number;
  /** Takes from an instance what the registry cannot carry. */
  readonly normalise: (instance: Instance) => Instance;
  /** The id {@link SceneOptions.normalise} gives to the instance with this one. */
  readonly normaliseId: (id: string) => string;
}

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
  readonly #options: SceneOptions;
  readonly #truth = new Map<string, HistoryEntry[]>();

  constructor(registry: Registry, options: SceneOptions) {
    this.registry = registry;
    this.pass = options.pass;
    this.#options = options;
  }

  /** Whether instances get in by somebody else than the registry. */
  get isReadOnly(): boolean {
    return this.#options.register !== undefined;
  }

  get backlog(): number {
    return this.#options.backlog;
  }

  /** Whether the registry tells of every change. */
  get seesChanges(): boolean {
    return this.#options.granularity === "changes";
  }

  /** As it can be compared with what others say of the same instance. */
  comparable(instance: Instance): Instance {
    const normal = this.#options.normalise(instance);
    return this.seesChanges ? normal : { ...normal, revision: 0n };
  }

  /** Whether the registry lists these and no others, in any order. */
  async lists(service: string, ...expected: Instance[]): Promise<void> {
    const listed = await this.registry.list(service);
    assert.deepEqual(
      new Set(listed.map((each) => this.comparable(each))),
      new Set(expected.map((each) => this.comparable(each))),
    );
  }

  truth(service: string): HistoryEntry[] {
    let entries = this.#truth.get(service);
    if (entries === undefined) this.#truth.set(service, (entries = []));
    return entries;
  }

  async register(spec: RegistrationSpec): Promise<Registration> {
    const registration = await (this.#options.register?.(spec) ??
      this.registry.register(spec));
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
    const isComplete = this.truth(recording.service).length > 0;
    const isDone = (): boolean => {
      try {
        this.#check(recording, true);
        return recording.events.length > 0;
      } catch {
        return false;
      }
    };
    await this.eventually("a watcher sees all", isDone).catch(() =>
      this.#check(recording, true),
    );
    // What comes after the end of the truth was made up.
    await this.pass(0);
    this.#check(recording, isComplete);
  }

  #check(recording: Recording, complete: boolean): void {
    const check = this.seesChanges ? checkHistory : checkStateHistory;
    const truth = this.truth(recording.service).map((entry) => ({
      ...entry,
      change: this.#normalChange(entry.change),
    }));
    const seen = recording.events.map((event) => this.#normalEvent(event));
    check(truth, seen, { complete });
  }

  #normalChange(change: Change<unknown>): Change<unknown> {
    return change.op === "delete"
      ? change
      : {
          op: "put",
          instance: this.#options.normalise(change.instance as Instance),
        };
  }

  #normalEvent(event: WatchEvent<unknown>): WatchEvent<unknown> {
    if (event.type === "delta")
      return {
        ...event,
        changes: event.changes.map((change) =>
          change.op === "put"
            ? this.#normalChange(change)
            : { ...change, id: this.#options.normaliseId(change.id) },
        ),
      };
    if (event.type !== "sync") return event;
    const instances = Array.from(event.instances.values(), (each) => {
      const normal = this.#options.normalise(each as Instance);
      return [normal.id, normal] as const;
    });
    return { ...event, instances: new Map(instances) };
  }

  #wrote(registration: Registration): void {
    const { instance } = registration;
    this.truth(instance.service).push({
      change: { op: "put", instance },
      revision: instance.revision,
    });
  }
}
