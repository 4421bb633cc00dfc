import { readOutcome, type Outcome } from "../remote/answer.ts";
import { planOf, type Operation } from "./operation.ts";
import { argumentsOf, readTakes } from "./takes.ts";

/** What the script is told to carry out some operations, and how its reply is read. */
export interface ScriptCall {
  readonly keys: string[];
  readonly rest: string[];
  /** The outcomes in the order of the operations. */
  readonly read: (
    reply: unknown,
    operations: readonly Operation[],
  ) => Outcome[];
}

/** One call for these operations, in the short way if they are takes of one policy. */
export const callOf = (
  operations: readonly Operation[],
  areTakes: boolean,
): ScriptCall => {
  const policy = operations[0]?.parts[0]?.policy;
  if (!areTakes || policy === undefined) {
    const { keys, plan } = planOf(operations);
    return { keys, rest: [plan], read: readAll };
  }
  const keys = operations.map(({ parts }) => parts[0]?.key as string);
  return { keys, rest: argumentsOf(policy, operations), read: readTakes };
};

const nothing: Outcome = { refusal: undefined, found: [] };

const readAll = (
  replies: unknown,
  operations: readonly Operation[],
): Outcome[] =>
  operations.map(({ parts }, index) => {
    // A client may be told to give bytes in place of text.
    const text = String((replies as readonly unknown[])[index]);
    return text === "" ? nothing : readOutcome(text, parts);
  });
