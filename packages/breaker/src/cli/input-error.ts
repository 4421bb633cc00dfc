import { DpError } from "@dp/core";

/** What was given cannot be used. The message is all that people are shown, without a stack trace. */
export class InputError extends Error {}

/** What people are told of an error that their input brought about; any other error is thrown on. */
export const inputErrorOf = (place: string, error: unknown): InputError =>
  new InputError(`${place}: ${messageOf(error)}`, { cause: error });

const messageOf = (error: unknown): string => {
  if (DpError.is(error)) return error.message.slice(`${error.code}: `.length);
  if (error instanceof SyntaxError) return `is no JSON: ${error.message}`;
  // Errors of the system say what they were about to do.
  if (error instanceof Error && "syscall" in error) return error.message;
  throw error;
};
