/** Whether `fetch` failed because nobody listens there: then nothing was sent. */
export const isRefusal = (error: unknown): boolean => {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return (
    cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED"
  );
};
