import { sleepBySchedule, type Clock } from "../clock.ts";
import { DpError } from "../errors.ts";
import { seededRandom, type Random } from "../random.ts";
import { drainMicrotasks } from "./drain.ts";

/** What a simulated program may touch. Anything else (real timers, I/O) breaks the replay. */
export interface World {
  /** Virtual time: starts at 0 and jumps to the next timer when nothing else can run. */
  readonly clock: Clock;
  /** The seed's own stream of numbers for the program; scheduling draws from another. */
  readonly random: Random;
  /** A yield point: resolves when the scheduler picks it among all that could run, in an order drawn from the seed. */
  pause(label: string): Promise<void>;
  /** Runs `task` beside everything else; the simulation waits for it, and its failure fails the simulation. */
  spawn(label: string, task: () => Promise<void>): void;
  /** Adds a line to the trace. */
  log(line: string): void;
}

export interface SimulateOptions {
  /** The same seed gives the same trace, byte for byte. */
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

/** A simulated run failed, stood still or never ended. `trace` holds what led there; the message names the seed to replay. */
export class SimulationError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/core.SimulationError",
  );
  readonly seed: number;
  readonly trace: readonly string[];

  constructor(
    seed: number,
    trace: readonly string[],
    why: string,
    options?: ErrorOptions,
  ) {
    super(
      "DP_SIMULATION",
      `seed ${seed}: ${why}; last of ${trace.length} steps:\n  ${trace.slice(-20).join("\n  ")}`,
      options,
    );
    this.seed = seed;
    this.trace = trace;
  }
}

interface Waiting {
  readonly label: string;
  readonly dueMs: number;
  readonly go: () => void;
}

/**
 * Runs a program under a scheduler that owns every point at which the world can change: of all pauses and due timers
 * one is picked by the seed, its consequences run to rest, then the next. Throws {@link SimulationError} when the
 * program throws, when it waits for something nobody will do, or after `maxSteps`.
 */
export const simulate = async (
  options: SimulateOptions,
): Promise<Simulation> => {
  const { seed, run, maxSteps = 100_000 } = options;
  const schedulerRandom = seededRandom(seed);
  const trace: string[] = [];
  const waiting: Waiting[] = [];
  let nowMs = 0;
  let running = 0;
  let failure: { error: unknown } | undefined;

  const add = (entry: Waiting): (() => void) => {
    waiting.push(entry);
    return () => {
      const index = waiting.indexOf(entry);
      if (index >= 0) waiting.splice(index, 1);
    };
  };
  const clock: Clock = {
    now: () => nowMs,
    wallNow: () => nowMs,
    schedule: (delayMs, callback) =>
      add({
        label: "timer",
        dueMs: nowMs + Math.max(0, delayMs),
        go: callback,
      }),
    sleep: (delayMs, signal) => sleepBySchedule(clock, delayMs, signal),
  };
  const spawn = (label: string, task: () => Promise<void>): void => {
    running++;
    const settled = (): void => {
      running--;
    };
    const failed = (error: unknown): void => {
      running--;
      trace.push(`${nowMs} ${label} failed`);
      failure ??= { error };
    };
    // A task that throws before its first await fails like one that rejects.
    new Promise<void>((resolve) => resolve(task())).then(settled, failed);
  };
  const world: World = {
    clock,
    random: seededRandom(~seed),
    pause: (label) =>
      new Promise((resolve) => {
        add({ label, dueMs: nowMs, go: resolve });
      }),
    spawn,
    log: (line) => void trace.push(`${nowMs} ${line}`),
  };

  spawn("run", () => run(world));
  for (let step = 0; ; step++) {
    await drainMicrotasks();
    if (failure !== undefined)
      throw new SimulationError(seed, trace, "the program failed", {
        cause: failure.error,
      });
    if (running === 0) return { seed, trace };
    if (waiting.length === 0)
      throw new SimulationError(
        seed,
        trace,
        `stands still with ${running} tasks unfinished`,
      );
    if (step === maxSteps)
      throw new SimulationError(
        seed,
        trace,
        `still running after ${maxSteps} steps`,
      );
    nowMs = Math.max(nowMs, Math.min(...waiting.map((entry) => entry.dueMs)));
    const due = waiting.filter((entry) => entry.dueMs <= nowMs);
    const chosen = due[Math.floor(schedulerRandom() * due.length)] as Waiting;
    waiting.splice(waiting.indexOf(chosen), 1);
    trace.push(`${nowMs} ${chosen.label}`);
    chosen.go();
  }
};
