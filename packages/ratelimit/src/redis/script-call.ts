import { readOutcome, type Outcome } from "../remote/answer.ts";
import { planOf, type Operation } from "./operation.ts";
import { decideScript, takeScripts, type Script } from "./scripts.ts";
import { argumentsOf, readTakes } from "./takes.ts";

/** What carries out some operations, and how its reply is read. */
export interface ScriptCall {
  readonly script: Script;
  readonly keys: string[];
  readonly rest: string[];
  /** The outcomes in the order of the operations. */
  readonly read: (
    reply: unknown,
    operations: readonly Operation[],
  ) => Outcome[];
}

/** One call for these operations, by the short script if they are takes of one policy. */
export const callOf = (
  operations: readonly Operation[],
  areTakes: boolean,
): ScriptCall => {
  const policy = operations[0]?.parts[0]?.policy;
  const script = areTakes && policy && takeScripts.get(policy.kind);
  if (!script) {
    const { keys, plan } = planOf(operations);
    return { script: decideScript, keys, rest: [plan], read: readAll };
  }
  const keys = operations.map(({ parts }) => parts[0]?.key as string);
  const rest = argumentsOf(policy, operations);
  return { script, keys, rest, read: readTakes };
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
