import { effectiveDelayMs, sleepBySchedule, type Clock } from "../clock.ts";
import { seededRandom, type Random } from "../random.ts";
import { requireInteger } from "../require.ts";
import { drainMicrotasks } from "./drain.ts";
import { SimulationError } from "./simulation-error.ts";

/** What a simulated program may touch; its functions can be taken apart. Anything else (real timers, I/O) breaks the replay. */
export interface World {
  /** Virtual time: starts at 0 and jumps to the next timer when nothing else can run. Timers due together fire in any order. */
  readonly clock: Clock;
  /** The seed's own stream of numbers for the program; scheduling draws from another. */
  readonly random: Random;
  /** A yield point: resolves when the scheduler picks it among all that could run, in an order drawn from the seed. */
  readonly pause: (label: string) => Promise<void>;
  /** Runs `task` beside everything else; the simulation waits for it, and its failure fails the simulation. */
  readonly spawn: (label: string, task: () => Promise<void>) => void;
  /** Adds a line to the trace. */
  readonly log: (line: string) => void;
}

export interface SimulateOptions {
  /** An integer, of which the low 32 bits count. The same seed gives the same trace, byte for byte. */
  readonly seed: number;
  readonly run: (world: World) => Promise<void>;
  /** How many yield points and timers may be taken before the run counts as endless. @defaultValue 100_000 */
  readonly maxSteps?: number | undefined;
}

export interface Simulation {
  readonly seed: number;
  /** What ran, in order: `<virtual ms> <label>`. */
  readonly trace: readonly string[];
}

interface Waiting {
  readonly label: string;
  readonly dueMs: number;
  readonly go: () => void;
}

/**
 * Runs a program under a scheduler that owns every point at which the world can change: of all pauses and due timers
 * one is picked by the seed, its consequences run to rest, then the next. Ends when `run` and all it spawned have
 * ended; timers nobody waits for are dropped.
 *
 * Throws {@link SimulationError} when the program throws, when it waits for something nobody will do, or after
 * `maxSteps`. A step costs a turn of the event loop and a look at everything that waits. One call tries one order:
 * loop over seeds to search for a race.
 */
export const simulate = async (
  options: SimulateOptions,
): Promise<Simulation> => {
  const { run } = options;
  const seed = requireInteger("seed", options.seed, Number.MIN_SAFE_INTEGER);
  const maxSteps = requireInteger("maxSteps", options.maxSteps ?? 100_000, 1);
  const schedulerRandom = seededRandom(seed);
  const trace: string[] = [];
  const waiting = new Set<Waiting>();
  const unfinished = new Set<{ readonly label: string }>();
  let nowMs = 0;
  let failure: { readonly error: unknown } | undefined;

  const note = (line: string): void => void trace.push(`${nowMs} ${line}`);
  const fail = (label: string, error: unknown): void => {
    note(`${label} failed`);
    failure ??= { error };
  };
  const add = (label: string, delayMs: number, go: () => void): Waiting => {
    const entry = { label, dueMs: nowMs + delayMs, go };
    waiting.add(entry);
    return entry;
  };
  const clock: Clock = {
    now: () => nowMs,
    wallNow: () => nowMs,
    schedule: (delayMs, callback) => {
      const entry = add("timer", effectiveDelayMs(delayMs), callback);
      return () => void waiting.delete(entry);
    },
    sleep: (delayMs, signal) => sleepBySchedule(clock, delayMs, signal),
  };
  const spawn = (label: string, task: () => Promise<void>): void => {
    const entry = { label };
    unfinished.add(entry);
    // A task that throws before its first await fails like one that rejects.
    new Promise<void>((resolve) => resolve(task()))
      .catch((error: unknown) => fail(label, error))
      .finally(() => unfinished.delete(entry));
  };
  const stop = (why: string, cause?: { readonly error: unknown }): never => {
    throw new SimulationError(
      seed,
      trace,
      why,
      cause === undefined ? undefined : { cause: cause.error },
    );
  };

  const world: World = {
    clock,
    random: seededRandom(~seed),
    pause: (label) => new Promise((resolve) => void add(label, 0, resolve)),
    spawn,
    log: note,
  };
  spawn("run", () => run(world));
  for (let step = 0; ; step++) {
    await drainMicrotasks();
    if (failure !== undefined) {
      const { error } = failure;
      const text = error instanceof Error ? error.message : String(error);
      stop(`the program failed (${text})`, failure);
    }
    if (unfinished.size === 0) return { seed, trace };
    const due = earliest(waiting);
    const chosen = due[Math.floor(schedulerRandom() * due.length)];
    if (chosen === undefined) {
      const labels = Array.from(unfinished, ({ label }) => label).join(", ");
      return stop(`stands still, unfinished: ${labels}`);
    }
    if (step === maxSteps) stop(`still running after ${maxSteps} steps`);
    waiting.delete(chosen);
    nowMs = chosen.dueMs;
    note(chosen.label);
    try {
      chosen.go();
    } catch (error) {
      fail(chosen.label, error);
    }
  }
};

/** All that can come next: whatever is due first, unless that is never. */
const earliest = (waiting: ReadonlySet<Waiting>): readonly Waiting[] => {
  let firstMs = Infinity;
  for (const { dueMs } of waiting) firstMs = Math.min(firstMs, dueMs);
  return firstMs === Infinity
    ? []
    : Array.from(waiting).filter(({ dueMs }) => dueMs === firstMs);
};
