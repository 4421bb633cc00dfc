/** Starts something that may fail in any way, and says later whether it was done. Throws nothing, rejects nothing. */
export const quietly = (
  start: () => Promise<unknown>,
  tell: (isDone: boolean) => void = () => undefined,
): void => {
  new Promise((resolve) => resolve(start())).then(
    () => tell(true),
    () => tell(false),
  );
};
