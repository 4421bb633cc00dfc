/**
 * Drains and exits 0 on SIGTERM, exits at once on a second one. Ctrl-C reaches a whole group of processes: a child leaves
 * it to its parent, a process of its own drains. A child whose parent is gone exits 1.
 */
export const obeySignals = (drain: () => Promise<void>): void => {
  let isDraining = false;
  const end = (): void => {
    if (isDraining) process.exit(1);
    isDraining = true;
    drain().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", end);
  if (process.send === undefined) process.on("SIGINT", end);
  else {
    process.on("SIGINT", () => undefined);
    process.once("disconnect", () => process.exit(1));
  }
};
