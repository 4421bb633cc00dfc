/** A set of listeners behind an `on(listener)` method. */
export interface Emitter<E> {
  /** Adds a listener and returns a function that removes it. The same function added twice is called twice. */
  on(listener: (event: E) => void): () => void;
  /**
   * Calls every listener, in the order added; one added or removed by a listener counts from the next event on. What a
   * listener throws becomes an uncaught exception a microtask later: the other listeners and the caller go on.
   */
  emit(event: E): void;
}

/** Creates an {@link Emitter}. Emitting without listeners costs one comparison. */
export const createEmitter = <E>(): Emitter<E> => {
  let listeners: readonly { call: (event: E) => void }[] = [];
  return {
    on(listener) {
      const entry = { call: listener };
      listeners = [...listeners, entry];
      return () => {
        listeners = listeners.filter((each) => each !== entry);
      };
    },
    emit(event) {
      if (listeners.length === 0) return;
      for (const listener of listeners) {
        try {
          listener.call(event);
        } catch (error) {
          // Rethrown outside the call that emitted: the bug stays loud and the call stays correct.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
};
