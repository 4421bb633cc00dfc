import type { Member } from "./member.ts";
import { isPanic } from "./panic.ts";
import type { Tally } from "./tally.ts";
import type { Tier } from "./tier.ts";
import { carried } from "./tier-loads.ts";
import type { ZoneAware } from "../zone.ts";

const capacityOf = <M>(members: readonly Member<M>[]): number =>
  members.reduce((sum, { instance }) => sum + instance.weight, 0);

/** The tier of a priority, cut in two at the border of the own zone if that is to be preferred. */
export const cutAtZone = <M>(
  tier: Tier<M>,
  tally: Tally<M>,
  zone: ZoneAware,
  panicThreshold: number,
): readonly Tier<M>[] => {
  const isOwn = ({ instance }: Member<M>): boolean =>
    instance.zone === zone.zone;
  const own = tier.candidates.filter(isOwn);
  const others = tier.candidates.filter((member) => !isOwn(member));
  if (tier.panic || others.length === 0 || own.length < zone.minimum)
    return [tier];
  const unjudged = tally.ready.length > 0 ? tally.pending : [];
  const health = {
    healthy: own.length,
    total: tally.serving.filter(isOwn).length - unjudged.filter(isOwn).length,
  };
  if (isPanic(health.healthy, health.total, panicThreshold)) return [tier];
  const capacity = capacityOf(own);
  const fair =
    zone.share === 0
      ? 1
      : capacity / (capacity + capacityOf(others)) / zone.share;
  const kept = Math.min(carried(health), fair);
  return [
    { ...tier, part: "own zone", candidates: own, load: tier.load * kept },
    {
      ...tier,
      part: "other zones",
      candidates: others,
      load: tier.load * (1 - kept),
    },
  ];
};
