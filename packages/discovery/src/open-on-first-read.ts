import type { WatchEvent } from "./watch-event.ts";

/** Nothing is held for an iterator that nobody ever reads. */
export const openOnFirstRead = <M>(
  open: () => AsyncIterator<WatchEvent<M>, undefined>,
  signal: AbortSignal | undefined,
): AsyncIterator<WatchEvent<M>, undefined> => {
  let inner: AsyncIterator<WatchEvent<M>, undefined> | undefined;
  let left = false;
  const ended = { done: true, value: undefined } as const;
  return {
    next: () => {
      if (left || (inner === undefined && signal?.aborted === true))
        return Promise.resolve(ended);
      return new Promise((resolve) => {
        resolve((inner ??= open()).next());
      });
    },
    return: () => {
      left = true;
      return inner?.return?.() ?? Promise.resolve(ended);
    },
  };
};
