const immediate = setImmediate;

/**
 * Resolves when every promise reaction that was ready, and all it led to, has run. The one real turn of the event loop
 * in the simulated world: the engine empties the whole microtask queue before it, however long the chains are.
 */
export const drainMicrotasks = (): Promise<void> =>
  new Promise((resolve) => void immediate(resolve));
