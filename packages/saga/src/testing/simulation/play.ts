import { simulate, type World } from "@dp/core/testing";
import type { SagaDefinition } from "../../definition.ts";
import { keyOf, type SagaState, type StoredEntry } from "../../journal.ts";
import { memoryStore } from "../../stores/memory.ts";
import type { SagaStore } from "../../stores/store.ts";
import type { Fortune } from "./fate.ts";
import { breaksOf, isAtRest } from "./journal-laws.ts";
import { Ledger } from "./ledger.ts";
import { Network } from "./network.ts";
import { Person } from "./person.ts";
import type { ParticipantTraits } from "./traits.ts";
import { Witness } from "./witness.ts";
import { graceMs, WorkerSlot, type Stage } from "./worker-slot.ts";

/** One simulated world. */
export interface Script {
  readonly seed: number;
  readonly definition: SagaDefinition;
  readonly input: unknown;
  readonly workers: number;
  readonly runs: number;
  readonly traits: (step: string) => ParticipantTraits;
  readonly fortune: (world: World) => Fortune;
  /** What else happens: `cast` may be killed, suspended, asked. */
  readonly trouble: (cast: Cast) => Promise<void>;
}

/** Who takes part. */
export interface Cast extends Stage {
  readonly slots: readonly WorkerSlot[];
  readonly ids: readonly string[];
  readonly person: Person;
  /** Runs of which a cancel was accepted. */
  readonly cancelled: Set<string>;
}

/** What became of one world. */
export interface Play {
  readonly violations: readonly string[];
  readonly states: readonly SagaState[];
  readonly deaths: number;
  /** `<virtual ms> <what happened>`, byte for byte the same for the same script. */
  readonly trace: readonly string[];
}

/** A run that is neither at its end nor waits for a person after so long has been forgotten. */
const patienceMs = 3_600_000;

/** Plays a world to its end and looks whether everything holds. Rejects with the trace if it never ends. */
export const play = async (script: Script): Promise<Play> => {
  let outcome: Omit<Play, "trace"> | undefined;
  const { trace } = await simulate({
    seed: script.seed,
    maxSteps: 300_000,
    run: async (world) => {
      outcome = await playIn(world, script);
    },
  });
  if (outcome === undefined) throw new Error("the world did not end");
  return { ...outcome, trace };
};

const playIn = async (
  world: World,
  script: Script,
): Promise<Omit<Play, "trace">> => {
  const { definition, traits } = script;
  const store = memoryStore({ clock: world.clock });
  const ledger = new Ledger();
  let isCalm = false;
  const fortune = calmable(script.fortune(world), () => isCalm);
  const witness = new Witness({
    definition,
    store,
    ledger,
    graceMs,
    now: () => world.clock.now(),
  });
  const network = new Network(world, fortune, ledger, witness, traits);
  const stage = { world, definition, store, fortune, network, witness };
  const cast: Cast = {
    ...stage,
    slots: Array.from(
      { length: script.workers },
      (_, at) => new WorkerSlot(stage, `w${at + 1}`),
    ),
    ids: Array.from({ length: script.runs }, (_, at) => `r${at + 1}`),
    person: new Person(definition, store, ledger, fortune),
    cancelled: new Set(),
  };
  await Promise.all([
    ...cast.ids.map((id) => start(cast, id, script.input)),
    script.trouble(cast),
  ]);
  isCalm = true;
  await settle(cast);
  for (const slot of cast.slots) await slot.close();
  const ended = await Promise.all(
    cast.ids.map((id) => judge(cast, ledger, traits, id)),
  );
  return {
    violations: [
      ...witness.violations,
      ...ended.flatMap(({ violations }) => violations),
    ],
    states: ended.map(({ state }) => state),
    deaths: cast.slots.reduce((sum, { deaths }) => sum + deaths, 0),
  };
};

/** In the end nothing goes wrong any more. */
const calmable = (fortune: Fortune, isCalm: () => boolean): Fortune => ({
  fate: (handler, step) => (isCalm() ? "ok" : fortune.fate(handler, step)),
  store: (operation) => (isCalm() ? undefined : fortune.store(operation)),
  dies: (point) => !isCalm() && fortune.dies(point),
  travelMs: () => fortune.travelMs(),
  chance: (probability) => fortune.chance(probability),
});

/** A client that asks until it hears that its run is durable. */
const start = async (
  { world, definition, slots, fortune }: Cast,
  id: string,
  input: unknown,
): Promise<void> => {
  for (let isStarted = false; !isStarted;) {
    const slot = slots[fortune.chance(0.5) ? 0 : slots.length - 1];
    const orchestrator = slot?.orchestrator;
    await world.pause(`start ${id}`);
    if (slot === undefined || orchestrator === undefined) {
      await world.clock.sleep(100);
      continue;
    }
    isStarted = await Promise.race([
      orchestrator.start(definition, id, input).then(
        () => true,
        () => false,
      ),
      slot.life.ended.then(() => false),
    ]);
    world.log(`start of ${id} ${isStarted ? "acknowledged" : "failed"}`);
  }
};

/** Waits until no run moves and no message is on its way; a person looks after those that are stuck. */
const settle = async (cast: Cast): Promise<void> => {
  const { world, slots, person, network } = cast;
  const untilMs = world.clock.now() + patienceMs;
  while (world.clock.now() < untilMs) {
    const states = await statesOf(cast);
    if (states.includes("stuck")) {
      const orchestrator = slots.find(
        (slot) => slot.orchestrator,
      )?.orchestrator;
      if (orchestrator !== undefined) await person.visit(orchestrator);
    } else if (states.every(isAtRest) && network.isQuiet) return;
    await world.clock.sleep(500);
  }
};

const statesOf = async ({ store, ids }: Cast): Promise<SagaState[]> => {
  const runs = await Promise.all(ids.map((id) => store.read(id)));
  return runs.map((run) => run?.state ?? "running");
};

const judge = async (
  { definition, store, cancelled }: Cast,
  ledger: Ledger,
  traits: (step: string) => ParticipantTraits,
  id: string,
): Promise<{
  readonly violations: readonly string[];
  readonly state: SagaState;
}> => {
  const run = await readOf(store, id);
  if (run === undefined)
    return { violations: [`${id} was started and is lost`], state: "running" };
  const { state, entries } = run;
  const violations = breaksOf(definition, entries);
  if (state === "completed" && cancelled.has(id))
    violations.push("completed although a cancel was accepted");
  const leaked = entries.at(-1)?.detail?.steps ?? [];
  for (const { name } of definition.steps) {
    if (!traits(name).hasEffect) continue;
    const key = keyOf(id, name, "execute");
    const isDone = ledger.isDone(key);
    if (ledger.times(key) > 1)
      violations.push(`${name} happened ${ledger.times(key)} times`);
    if (state === "completed" && !isDone)
      violations.push(`completed although ${name} did not happen`);
    if (state === "compensated" && isDone)
      violations.push(
        `compensated although ${name} happened and was not undone`,
      );
    if (state === "abandoned" && isDone && !leaked.includes(name))
      violations.push(`abandoned without saying that ${name} is left`);
  }
  return { violations: violations.map((each) => `${id}: ${each}`), state };
};

const readOf = (
  store: SagaStore,
  id: string,
): Promise<
  | { readonly state: SagaState; readonly entries: readonly StoredEntry[] }
  | undefined
> => store.read(id);
