import type { PickRequest } from "./balancers/balancer.ts";
import type { NoInstanceReason } from "./errors.ts";
import type { Member } from "./member.ts";
import type { Choice } from "./panic.ts";
import type { ExplainedInstance, PickExplanation } from "./service-view.ts";

/** Why a pick among these would find nobody; undefined if it would find somebody. */
export const refusalOf = <M>(
  known: boolean,
  choice: Choice<M>,
  exclude: ReadonlySet<string> | undefined,
): NoInstanceReason | undefined => {
  if (!known) return "unknown";
  if (choice.serving === 0) return "empty";
  if (choice.candidates.length === 0) return "unhealthy";
  return choice.candidates.every((each) => exclude?.has(each.id) === true)
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
      return `all that are left are excluded by the caller: ${choice.candidates.length}`;
  }
};

const explainMember = <M>(
  member: Member<M>,
  eligible: boolean,
  excluded: boolean,
  nowMs: number,
): ExplainedInstance => ({
  id: member.id,
  host: member.instance.host,
  port: member.instance.port,
  standing: member.standing(nowMs),
  eligible: eligible && !excluded,
  excluded,
  unconfirmed: member.unconfirmedUntilMs !== Infinity,
  inFlight: member.inFlight,
  failures: member.outlier?.failures ?? 0,
  successRate: member.outlier?.successRate,
  ejectedForMs: Math.max(0, member.ejectedUntilMs - nowMs),
});

/** The explanation of a pick from what the view knows now. */
export const explainPick = <M>(
  service: string,
  members: Iterable<Member<M>>,
  choice: Choice<M>,
  state: { known: boolean; stale: boolean; ageMs: number; nowMs: number },
  request: PickRequest | undefined,
): PickExplanation => {
  const candidates = new Set(choice.candidates);
  const instances = Array.from(members, (member) =>
    explainMember(
      member,
      candidates.has(member),
      request?.exclude?.has(member.id) === true,
      state.nowMs,
    ),
  );
  const refusal = refusalOf(state.known, choice, request?.exclude);
  const eligible = instances.filter((each) => each.eligible).length;
  const found =
    refusal === undefined
      ? `${eligible} of ${instances.length} instances may be picked`
      : refusalText(refusal, choice);
  const text = [
    `${service}: ${found}`,
    choice.panic ? "panic: health is ignored" : "",
    state.stale ? `out of contact for ${Math.round(state.ageMs)} ms` : "",
  ]
    .filter((part) => part !== "")
    .join("; ");
  return {
    text,
    refusal,
    panic: choice.panic,
    stale: state.stale,
    ageMs: state.ageMs,
    instances,
  };
};
