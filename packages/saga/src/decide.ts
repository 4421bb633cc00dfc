import { backward } from "./backward.ts";
import type { SagaDefinition } from "./definition.ts";
import {
  Deliberation,
  type Decision,
  type Surroundings,
} from "./deliberation.ts";
import { forward } from "./forward.ts";
import type { RunState } from "./run-state.ts";

/**
 * What a run does next: a pure function of its journal and of which calls are under way, so that a restart, a takeover
 * and the next step are the same thing. Deciding twice without anything happening in between decides the same.
 */
export const decide = (
  definition: SagaDefinition,
  run: RunState,
  around: Surroundings,
): Decision => {
  const on = new Deliberation(definition, run, around);
  if (run.state === "running") forward(on);
  else if (run.state === "compensating") backward(on);
  return on.decision();
};
