import { ResilienceError } from "../src/index.ts";

/** Kind and message of the `ResilienceError` that ends a call; of another error the error itself. */
export const refusalOf = async (
  promise: Promise<unknown>,
): Promise<unknown> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return ResilienceError.is(error)
    ? `${error.kind}: ${error.message.replace(`${error.code}: `, "")}`
    : error;
};
