/** What one process tells the others about one of its circuits. */
export interface Hint {
  /** The breaker's name, the same in all processes. */
  readonly breaker: string;
  /** Who says it: different for every channel, the same for as long as that lives. */
  readonly source: string;
  /** `open`: its own calls have tripped it. `closed`: its own probes have passed. */
  readonly state: "open" | "closed";
  /** While open: how long it will refuse, in milliseconds. Then the hint is void. */
  readonly forMs: number;
}

/**
 * Carries hints between processes. Losing, repeating or reordering them is harmless; a channel that is down only means
 * that every circuit goes by its own evidence.
 */
export interface HintChannel {
  /** How many others must say that they are open before a circuit may open early. At least 1. */
  readonly quorum: number;
  /** Sends it to all others, some time. Returns at once and never throws. */
  publish(hint: Omit<Hint, "source">): void;
  /** Calls `listener` with every hint of others, never with those published here; returns what ends that. */
  subscribe(listener: (hint: Hint) => void): () => void;
}
