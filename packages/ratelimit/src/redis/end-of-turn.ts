const immediate = setImmediate;

/**
 * Calls `work` when the event loop has come round once: what is ready now, and all it leads to, has run by then. Not time
 * but the bound of a group: a microtask would come too early for decisions that other callbacks of the same turn ask for.
 */
export const atEndOfTurn = (work: () => void): void => void immediate(work);
