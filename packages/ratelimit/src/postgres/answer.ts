import { blockedState, type LimitState } from "../decision.ts";
import type { StoreAnswer } from "../stores/store.ts";
import type { Part } from "./operation.ts";

const refusals: readonly StoreAnswer["refusal"][] = [
  undefined,
  "limit",
  "blocked",
];

/** The answer that a decision's reply amounts to (see `sql/operations.ts`); the parts may be in any order. */
export const readAnswer = (
  reply: string,
  parts: readonly Part[],
  cost: number,
): StoreAnswer => {
  const [refusal, ...texts] = reply.split(";");
  const states = new Array<LimitState>(parts.length);
  const refused = new Array<boolean>(parts.length);
  for (const [place, { index, policy }] of parts.entries()) {
    const words = (texts[place] as string).split(" ");
    const [isRefused, blockedUs, now, ...cells] = words.map(Number);
    refused[index] = isRefused === 1;
    const state = policy.describe(
      Float64Array.from(cells),
      0,
      now as number,
      cost,
    );
    const blockedMs = (blockedUs as number) / 1_000;
    states[index] = blockedMs > 0 ? blockedState(state, blockedMs) : state;
  }
  return { refusal: refusals[Number(refusal)], states, refused };
};
