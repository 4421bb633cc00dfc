import type { World } from "@dp/core/testing";
import type { SagaDefinition } from "../../definition.ts";
import { Fatal, NotDone, Rejected, RetryAfter } from "../../errors.ts";
import type {
  CompensateCall,
  ExecuteCall,
  FindCall,
  Step,
} from "../../step.ts";
import type { Fate, Fortune } from "./fate.ts";
import type { Ledger } from "./ledger.ts";
import type { Life } from "./life.ts";
import type { ParticipantTraits } from "./traits.ts";
import type { Witness } from "./witness.ts";

const forever: Promise<never> = new Promise(() => undefined);

interface Message<T> {
  readonly life: Life;
  readonly label: string;
  readonly step: Step;
  readonly handler: "execute" | "find" | "compensate";
  readonly signal: AbortSignal;
  /** What happens at the participant, given the number of the message. */
  readonly arrive: (sent: number) => T;
}

/** Carries calls from workers to participants and answers back: at once, late, or not at all. */
export class Network {
  readonly #world: World;
  readonly #fortune: Fortune;
  readonly #ledger: Ledger;
  readonly #witness: Witness;
  readonly #traits: (step: string) => ParticipantTraits;
  /** Messages that may still have an effect. */
  #onTheirWay = 0;

  constructor(
    world: World,
    fortune: Fortune,
    ledger: Ledger,
    witness: Witness,
    traits: (step: string) => ParticipantTraits,
  ) {
    this.#world = world;
    this.#fortune = fortune;
    this.#ledger = ledger;
    this.#witness = witness;
    this.#traits = traits;
  }

  get isQuiet(): boolean {
    return this.#onTheirWay === 0;
  }

  /** The definition with participants of this world in place of its handlers, as the process calls them. */
  connect(definition: SagaDefinition, life: Life): SagaDefinition {
    const steps = definition.steps.map((step) => this.#connected(step, life));
    return {
      ...definition,
      steps,
      units: definition.units.map((unit) => ({
        steps: unit.steps.map(
          (step) => steps[definition.steps.indexOf(step)] ?? step,
        ),
      })),
    };
  }

  #connected(step: Step, life: Life): Step {
    return {
      ...step,
      execute: (call) => this.#execute(step, life, call),
      find: step.find && ((call) => this.#find(step, life, call)),
      compensate:
        step.compensate && ((call) => this.#compensate(step, life, call)),
    };
  }

  async #execute(
    step: Step,
    life: Life,
    call: ExecuteCall<unknown, unknown>,
  ): Promise<unknown> {
    const { key, signal } = call;
    const traits = this.#traits(step.name);
    const output = traits.output ?? { step: step.name, key };
    const settled = await this.#witness.sees(step, life, call);
    try {
      return await this.#send({
        life,
        label: `execute ${key} ${call.attempt}`,
        step,
        handler: "execute",
        signal,
        arrive: (sent) => {
          if (
            traits.hasEffect &&
            !this.#ledger.execute(key, output, sent, traits)
          )
            throw new Rejected("the key is closed");
          return output;
        },
      });
    } finally {
      settled();
    }
  }

  #find(step: Step, life: Life, call: FindCall<unknown, unknown>): unknown {
    return this.#send({
      life,
      label: `find ${call.key}`,
      step,
      handler: "find",
      signal: call.signal,
      arrive: () => this.#ledger.find(call.key),
    });
  }

  async #compensate(
    step: Step,
    life: Life,
    call: CompensateCall<unknown, unknown, unknown>,
  ): Promise<void> {
    await this.#witness.seesCompensation(step, life, call);
    await this.#send({
      life,
      label: `compensate ${call.forwardKey} ${call.attempt}`,
      step,
      handler: "compensate",
      signal: call.signal,
      arrive: () => this.#ledger.compensate(call.forwardKey),
    });
  }

  async #send<T>(message: Message<T>): Promise<T> {
    const { life, label, step, handler, signal } = message;
    const fate = this.#fortune.fate(handler, step.name);
    await this.#passes(life, label);
    const answer = this.#deliver(message, fate);
    // Some clients give up when they are told to, some do not.
    const outcome = this.#fortune.chance(0.5)
      ? Promise.race([answer, aborted(signal)])
      : answer;
    outcome.catch(() => undefined);
    try {
      const value = await outcome;
      await this.#passes(life, `${label} answered`);
      return value;
    } catch (error) {
      await this.#passes(life, `${label} failed`);
      throw error;
    }
  }

  async #passes(life: Life, label: string): Promise<void> {
    if (this.#fortune.dies(label)) life.kill();
    await life.goOn();
  }

  /** What becomes of the message whether or not its sender lives. */
  async #deliver<T>(
    { label, step, arrive }: Message<T>,
    fate: Fate,
  ): Promise<T> {
    const sent = this.#ledger.send();
    this.#onTheirWay++;
    await this.#world.pause(`${label} ${fate}`);
    const lateMs =
      fate === "slow"
        ? step.timeoutMs * (this.#fortune.chance(0.5) ? 1 : 3)
        : 0;
    const travelMs = this.#fortune.travelMs() + lateMs;
    if (travelMs > 0) await this.#world.clock.sleep(travelMs);
    this.#onTheirWay--;
    return this.#arrive(fate, () => arrive(sent));
  }

  #arrive<T>(fate: Fate, arrive: () => T): T | Promise<T> {
    switch (fate) {
      case "ok":
      case "slow":
        return arrive();
      case "rejected":
        throw new Rejected("by a rule of business");
      case "fatal":
        throw new Fatal();
      case "fatal-after":
        arrive();
        throw new Fatal();
      case "fails":
        throw new Error("before anything happened");
      case "fails-after":
        arrive();
        throw new Error("after it had happened");
      case "not-done":
        throw new NotDone();
      case "retry-after":
        throw new RetryAfter(300);
      case "lost":
        attempt(arrive);
        return forever;
      case "dropped":
        return forever;
    }
  }
}

/** Nobody hears whether it was refused. */
const attempt = (arrive: () => unknown): void => {
  try {
    arrive();
  } catch {
    return;
  }
};

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
