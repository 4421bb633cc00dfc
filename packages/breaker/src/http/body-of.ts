/**
 * A response's body if there is one to be read as a stream. Stand-ins of tests and of other libraries often have none,
 * or one of another kind, although their type says otherwise.
 */
export const bodyOf = (
  response: Pick<Response, "body">,
): ReadableStream | undefined => {
  const { body } = response as { body?: Partial<ReadableStream> | null };
  return typeof body?.cancel === "function"
    ? (body as ReadableStream)
    : undefined;
};
