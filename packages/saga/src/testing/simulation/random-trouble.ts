import type { Random } from "@dp/core";
import type { Cast } from "./play.ts";
import type { Troubles } from "./random-fortune.ts";

/** Some minutes of kills, suspensions, deploys and cancels, at random times. */
export const randomTrouble = async (
  cast: Cast,
  random: Random,
  troubles: Troubles,
): Promise<void> => {
  const { world, slots, ids } = cast;
  const below = (count: number): number => Math.floor(random() * count);
  for (let events = below(8); events > 0; events--) {
    await world.clock.sleep(below(1_500));
    const slot = slots[below(slots.length)];
    const id = ids[below(ids.length)] ?? "";
    const orchestrator = slot?.orchestrator;
    if (slot === undefined || orchestrator === undefined) continue;
    switch (below(5)) {
      case 0:
        if (troubles.crashes) slot.life.kill();
        break;
      case 1:
        if (troubles.crashes) slot.life.suspend(below(5_000));
        break;
      case 2:
        if (troubles.crashes) world.spawn("redeploy", () => slot.redeploy());
        break;
      case 3:
        if (troubles.cancels) world.spawn("cancel", () => cancel(cast, id));
        break;
      default:
        world.spawn("person", () =>
          Promise.race([cast.person.visit(orchestrator), slot.life.ended]),
        );
    }
  }
};

const cancel = async (
  { world, slots, cancelled }: Cast,
  id: string,
): Promise<void> => {
  const slot = slots.find((each) => each.orchestrator !== undefined);
  const orchestrator = slot?.orchestrator;
  if (slot === undefined || orchestrator === undefined) return;
  const answer = await Promise.race([
    orchestrator
      .handle(id)
      .cancel("changed my mind")
      .catch(() => "failed"),
    slot.life.ended.then(() => "died"),
  ]);
  world.log(`cancel of ${id}: ${answer}`);
  if (answer === "accepted") cancelled.add(id);
};
