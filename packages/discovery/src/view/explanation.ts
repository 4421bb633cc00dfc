import type { PickRequest } from "../balancers/balancer.ts";
import type { Choice } from "./choice.ts";
import type { NoInstanceReason } from "../errors.ts";
import type { Member } from "./member.ts";
import { refusalOf, refusalText } from "./refusal.ts";
import type {
  ExplainedInstance,
  PickExplanation,
  Standing,
} from "./service-view.ts";
import { byResort, type Tier } from "./tier.ts";

/** What the view knows of its registry and its snapshot file. */
export interface Contact {
  readonly known: boolean;
  readonly stale: boolean;
  readonly ageMs: number;
  /** In words; empty if there is nothing to tell. */
  readonly file: string;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

const tierName = <M>({ priority, part }: Tier<M>): string =>
  part === "all" ? `priority ${priority}` : `priority ${priority} ${part}`;

/** The tiers this request may be served from: those with load, or the first other one when they have nobody left. */
const servingTiers = <M>(
  tiers: readonly Tier<M>[],
  exclude: ReadonlySet<string> | undefined,
): ReadonlySet<Tier<M>> => {
  const left = byResort(tiers).filter(({ candidates }) =>
    candidates.some(({ id }) => exclude?.has(id) !== true),
  );
  const loaded = left.filter(({ load }) => load > 0);
  return new Set(loaded.length > 0 ? loaded : left.slice(0, 1));
};

const passedOver: Readonly<Record<Standing, string>> = {
  ready: "another tier has all the load",
  pending: "has no health result yet, and others are ready",
  unhealthy: "fails its health checks",
  ejected: "is ejected for its failures",
  draining: "is draining",
  unselected: "is not in the subset of this client",
};

const whyOf = <M>(
  standing: Standing,
  tier: Tier<M> | undefined,
  serves: boolean,
  excluded: boolean,
): string => {
  if (tier === undefined) return passedOver[standing];
  if (excluded) return "excluded by the caller";
  if (!serves) return `waits: ${passedOver.ready}`;
  const as = tier.panic && standing !== "ready" ? `panic: ${standing}, ` : "";
  return tier.load > 0
    ? `${as}${tierName(tier)} gets ${percent(tier.load)}`
    : `${as}${tierName(tier)} serves, as all before it are excluded`;
};

/** The explanation of a pick from what the view knows now. */
export const explainPick = <M>(
  service: string,
  members: Iterable<Member<M>>,
  choice: Choice<M>,
  contact: Contact,
  nowMs: number,
  request: PickRequest | undefined,
): PickExplanation => {
  const exclude = request?.exclude;
  const tierOf = new Map<Member<M>, Tier<M>>();
  for (const tier of choice.tiers)
    for (const member of tier.candidates) tierOf.set(member, tier);
  const serving = servingTiers(choice.tiers, exclude);
  const instances = Array.from(members, (member): ExplainedInstance => {
    const standing = member.standing(nowMs);
    const tier = tierOf.get(member);
    const excluded = exclude?.has(member.id) === true;
    const serves = tier !== undefined && serving.has(tier);
    const { host, port, priority, zone } = member.instance;
    return {
      id: member.id,
      host,
      port,
      priority,
      zone,
      standing,
      weight: member.weight,
      slowStart: member.rampFactor,
      share: member.share,
      why: whyOf(standing, tier, serves, excluded),
      eligible: serves && !excluded,
      excluded,
      unconfirmed: !member.confirmed,
      inFlight: member.inFlight,
      failures: member.outlier?.failures ?? 0,
      successRate: member.outlier?.successRate,
      ejectedForMs: Math.max(0, member.ejectedUntilMs - nowMs),
    };
  });
  const refusal = refusalOf(contact.known, choice, exclude);
  return {
    text: textOf(service, instances, choice, contact, refusal),
    refusal,
    panic: choice.panic,
    stale: contact.stale,
    ageMs: contact.ageMs,
    tiers: choice.tiers.map(({ candidates, ...tier }) => ({
      ...tier,
      candidates: candidates.length,
    })),
    instances,
  };
};

const textOf = <M>(
  service: string,
  instances: readonly ExplainedInstance[],
  choice: Choice<M>,
  contact: Contact,
  refusal: NoInstanceReason | undefined,
): string => {
  const eligible = instances.filter((each) => each.eligible).length;
  const found =
    refusal === undefined
      ? `${eligible} of ${instances.length} instances may be picked`
      : refusalText(refusal, choice);
  const loads = choice.tiers
    .filter(({ load }) => load > 0)
    .map((tier) => `${tierName(tier)}: ${percent(tier.load)}`);
  const { slowStarting, tiers, panic } = choice;
  return [
    `${service}: ${found}`,
    panic ? "panic: health is ignored" : "",
    tiers.length > 1 ? loads.join(", ") : "",
    slowStarting > 0 ? `${slowStarting} starting slowly` : "",
    contact.stale ? `out of contact for ${Math.round(contact.ageMs)} ms` : "",
    contact.file,
  ]
    .filter((part) => part !== "")
    .join("; ");
};
