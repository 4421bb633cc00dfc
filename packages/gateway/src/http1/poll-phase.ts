/**
 * Calls back once after the event loop has polled for I/O, so that whatever a peer had already sent has been read. This
 * is about the loop's order, not about time, and so the clock has no part in it.
 */
export const afterPoll = (callback: () => void): void => {
  setImmediate(callback);
};
