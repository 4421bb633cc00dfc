import type { Choice } from "./choice.ts";
import type { NoInstanceReason } from "../errors.ts";

const countOf = <M>(choice: Choice<M>): number =>
  choice.tiers.reduce((sum, { candidates }) => sum + candidates.length, 0);

/** Why a pick among these would find nobody; undefined if it would find somebody. */
export const refusalOf = <M>(
  known: boolean,
  choice: Choice<M>,
  exclude: ReadonlySet<string> | undefined,
): NoInstanceReason | undefined => {
  if (!known) return "unknown";
  if (choice.serving === 0) return "empty";
  if (countOf(choice) === 0) return "unhealthy";
  return choice.tiers.every(({ candidates }) =>
    candidates.every((each) => exclude?.has(each.id) === true),
  )
    ? "excluded"
    : undefined;
};

/** The words for a refusal. */
export const refusalText = <M>(
  reason: NoInstanceReason,
  choice: Choice<M>,
): string => {
  switch (reason) {
    case "unknown":
      return "no answer from its registry yet";
    case "empty":
      return "no serving instance is registered";
    case "unhealthy":
      return `none is healthy of ${choice.serving} that serve`;
    case "excluded":
      return `all that are left are excluded by the caller: ${countOf(choice)}`;
  }
};
