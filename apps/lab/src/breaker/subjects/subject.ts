/** The operation every subject guards: as cheap as an asynchronous call can be. Counts how often it really runs. */
export const operation = (): Promise<number> => {
  calls.made++;
  return Promise.resolve(answer);
};

export const calls = { made: 0 };

export const answer = 42;

/** What is measured, once for every round in turn. */
export interface Subject {
  readonly name: string;
  /**
   * `call`: the operation runs and its answer comes back. `permit`: leave for one call is taken and given back, without
   * a promise; the operation does not run. `refusal`: it must not run.
   */
  readonly kind: "call" | "permit" | "refusal";
  readonly by: "baseline" | "@dp/breaker" | "cockatiel" | "opossum";
  /** Builds the guard, brings it into the state to measure and returns one use of it, which checks what it gets. */
  readonly prepare: () => (() => unknown) | Promise<() => unknown>;
}

/** One use that must give the answer. */
export const answered =
  (use: () => Promise<unknown>): (() => Promise<void>) =>
  async () => {
    const value = await use();
    if (value !== answer) throw new Error(`wrong answer: ${String(value)}`);
  };

/** One use that must reject with an error that `isRefusal` knows. */
export const refused =
  (
    use: () => Promise<unknown>,
    isRefusal: (error: unknown) => boolean,
  ): (() => Promise<void>) =>
  async () => {
    try {
      await use();
    } catch (error) {
      if (isRefusal(error)) return;
      throw error;
    }
    throw new Error("not refused");
  };

export const fail = (): Promise<never> => Promise.reject(new Error("down"));
