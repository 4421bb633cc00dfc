import { systemClock, systemRandom, type Clock, type Random } from "@dp/core";
import type { PolicySettings } from "./policy.ts";

/** The clock and random of a policy: its own, else those it is given first, else the system's. */
export class Timing {
  clock: Clock;
  random: Random;
  #given: Pick<PolicySettings, "clock" | "random">;

  constructor(own: PolicySettings) {
    this.#given = own;
    this.clock = own.clock ?? systemClock;
    this.random = own.random ?? systemRandom;
  }

  /** Takes what nobody has set yet. */
  adopt({ clock, random }: PolicySettings): void {
    this.#given = {
      clock: this.#given.clock ?? clock,
      random: this.#given.random ?? random,
    };
    this.clock = this.#given.clock ?? systemClock;
    this.random = this.#given.random ?? systemRandom;
  }
}
