import type { World } from "@dp/core/testing";
import type { SagaDefinition } from "../../definition.ts";
import { createOrchestrator, type Orchestrator } from "../../orchestrator.ts";
import type { SagaStore } from "../../stores/store.ts";
import type { Fortune } from "./fate.ts";
import { Life } from "./life.ts";
import type { Network } from "./network.ts";
import { troubledStore } from "./troubled-store.ts";
import type { Witness } from "./witness.ts";

/** How simulated workers are set. */
export const leaseMs = 2_000;
export const pollMs = 500;
export const graceMs = 400;

/** What the workers of one simulated world share. */
export interface Stage {
  readonly world: World;
  readonly definition: SagaDefinition;
  /** The store itself. */
  readonly store: SagaStore;
  readonly fortune: Fortune;
  readonly network: Network;
  readonly witness: Witness;
}

/** A place for one worker: when its process has died another one is started. */
export class WorkerSlot {
  readonly #stage: Stage;
  readonly #name: string;
  #incarnation = 0;
  #orchestrator: Orchestrator | undefined;
  life: Life;
  deaths = 0;

  constructor(stage: Stage, name: string) {
    this.#stage = stage;
    this.#name = name;
    this.life = this.#boot();
  }

  /** Its orchestrator, when it has one. */
  get orchestrator(): Orchestrator | undefined {
    return this.life.isOver ? undefined : this.#orchestrator;
  }

  /** Ends the worker as a deploy does and starts the next. */
  async redeploy(): Promise<void> {
    const { life } = this;
    const orchestrator = this.orchestrator;
    if (orchestrator === undefined) return;
    this.#orchestrator = undefined;
    await Promise.race([orchestrator.close(), life.ended]);
    if (this.life === life && !life.isOver) this.life = this.#boot();
  }

  async close(): Promise<void> {
    await this.orchestrator?.close();
  }

  #boot(): Life {
    const { world, fortune } = this.#stage;
    const wrongMs = fortune.chance(0.2) ? 3_600_000 : 0;
    const life = new Life(
      `${this.#name}.${++this.#incarnation}`,
      world.clock,
      wrongMs,
    );
    void life.ended.then(() => {
      this.deaths++;
      this.#orchestrator = undefined;
      world.log(`${life.name} died`);
      world.clock.schedule(300, () => {
        this.life = this.#boot();
      });
    });
    void this.#open(life);
    return life;
  }

  async #open(life: Life): Promise<void> {
    const { world, definition, store, fortune, network, witness } = this.#stage;
    for (;;) {
      try {
        const orchestrator = await createOrchestrator({
          store: troubledStore(store, life, fortune, world.pause, witness),
          sagas: [network.connect(definition, life)],
          workerId: life.name,
          lease: leaseMs,
          poll: pollMs,
          grace: graceMs,
          clock: life.clock,
          random: world.random,
        });
        if (!life.isOver) this.#orchestrator = orchestrator;
        return;
      } catch {
        await life.clock.sleep(100);
      }
    }
  }
}
