import type { Admin } from "../admin.ts";
import type { Random } from "@dp/core";
import type { Tree } from "../tree.ts";

/** What a scenario plays with: a whole tree of its own. */
export interface Stage {
  readonly tree: Tree;
  readonly admin: Admin;
  /** Seeded, so that a scenario's choices can be repeated. */
  readonly random: Random;
}

/** One thing the demo claims, and how to see whether it holds. */
export interface Scenario {
  readonly name: string;
  readonly expected: string;
  /** Notes what is seen. Throwing counts as not holding. */
  readonly play: (stage: Stage, facts: Facts) => Promise<void>;
}

/** What was seen, in words, and whether all of it is as it should be. */
export class Facts {
  readonly #notes: string[] = [];
  /** What is not as expected, in words. */
  readonly broken: string[] = [];

  get holds(): boolean {
    return this.broken.length === 0;
  }

  /** Adds what was seen; `holds` says whether it is as expected. */
  note(text: string, holds = true): void {
    this.#notes.push(holds ? text : `NOT: ${text}`);
    if (!holds) this.broken.push(text);
  }

  toString(): string {
    return this.#notes.join("; ");
  }
}
