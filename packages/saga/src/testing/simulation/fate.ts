import type { StoreFault } from "../faulty-store.ts";

/**
 * What becomes of one call to a participant. `-after`: it has its effect first. `lost`: it has its effect and nobody
 * hears of it; `dropped`: neither; `slow`: all goes well, but late.
 */
export type Fate =
  | "ok"
  | "rejected"
  | "fatal"
  | "fatal-after"
  | "fails"
  | "fails-after"
  | "not-done"
  | "retry-after"
  | "slow"
  | "lost"
  | "dropped";

/** Decides what goes wrong. */
export interface Fortune {
  /** Of a call of the step's handler. */
  fate(handler: "execute" | "find" | "compensate", step: string): Fate;
  store(operation: string): StoreFault | undefined;
  /** Whether this process dies here, at the point named. */
  dies(point: string): boolean;
  /** How long a message takes that is not late, in ms. */
  travelMs(): number;
  /** Whether something of that probability happens. */
  chance(probability: number): boolean;
}
