import type { SagaDefinition } from "../../definition.ts";
import { keyOf } from "../../journal.ts";
import type { Orchestrator } from "../../orchestrator.ts";
import type { Fortune } from "./fate.ts";
import type { Ledger } from "./ledger.ts";
import type { SagaStore } from "../../stores/store.ts";

/** Looks after runs that are stuck: tries again, finds out what really happened and says so, or rarely gives up. */
export class Person {
  readonly #definition: SagaDefinition;
  readonly #store: SagaStore;
  readonly #ledger: Ledger;
  readonly #fortune: Fortune;

  constructor(
    definition: SagaDefinition,
    store: SagaStore,
    ledger: Ledger,
    fortune: Fortune,
  ) {
    this.#definition = definition;
    this.#store = store;
    this.#ledger = ledger;
    this.#fortune = fortune;
  }

  /** Does something about every run that is stuck. What is refused, because the run has moved on, is left alone. */
  async visit({ admin }: Orchestrator): Promise<void> {
    const stuck = await this.#store.list({ states: ["stuck"], limit: 100 });
    for (const { id } of stuck) {
      try {
        await this.#lookAfter(id, admin);
      } catch {
        continue;
      }
    }
  }

  async #lookAfter(id: string, admin: Orchestrator["admin"]): Promise<void> {
    const entries = (await this.#store.read(id))?.entries ?? [];
    const detail = entries.findLast(({ kind }) => kind === "stuck")?.detail;
    if (this.#fortune.chance(0.05))
      return admin.abandon(id, { by: "sim", note: "given up" });
    if (detail?.reason === "poison" || this.#fortune.chance(0.4))
      return admin.retry(id, { by: "sim" });
    for (const name of detail?.steps ?? [])
      await this.#resolve(id, name, detail?.reason === "compensate", admin);
  }

  async #resolve(
    id: string,
    name: string,
    isBackward: boolean,
    admin: Orchestrator["admin"],
  ): Promise<void> {
    const key = keyOf(id, name, "execute");
    const step = this.#definition.steps.find((each) => each.name === name);
    if (isBackward) {
      this.#ledger.compensate(key);
      return admin.resolve(id, name, { done: true, by: "sim" });
    }
    const output = this.#ledger.find(key);
    const done = output !== undefined;
    // What comes after the pivot has to be done in the end.
    if (!done && step?.role === "retriable")
      return admin.retry(id, { by: "sim" });
    return admin.resolve(id, name, { done, output, by: "sim" });
  }
}
