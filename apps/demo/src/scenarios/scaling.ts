import { startLoad } from "../load/load.ts";
import type { Tally } from "../load/tally.ts";
import { waitFor } from "../wait-for.ts";
import type { ServiceProcess } from "../tree.ts";
import type { Facts, Scenario } from "./scenario.ts";

const sample = 900;

/** The share of the next `sample` right answers that came from this instance. */
const shareOf = async (
  instance: ServiceProcess,
  tally: Tally,
): Promise<number> => {
  const { instance: name } = instance.ready;
  const total = tally.counts.right;
  const own = tally.byInstance.get(name) ?? 0;
  await waitFor(
    "enough load",
    () => tally.counts.right >= total + sample,
    20_000,
  );
  return (
    ((tally.byInstance.get(name) ?? 0) - own) / (tally.counts.right - total)
  );
};

const noteClients = (tally: Tally, facts: Facts): void => {
  facts.note(
    `clients saw ${tally.toString()}`,
    tally.counts.right === tally.total && tally.unconnected === 0,
  );
  for (const why of tally.wrongs) facts.note(why, false);
};

/** An instance is added under load, another is drained. */
export const scaling: Scenario = {
  name: "5 one instance more, then one less",
  expected: "the new one takes its share; the drained one gets no new request",
  play: async ({ tree, admin }, facts) => {
    const [oldest] = tree.of("catalog");
    if (oldest === undefined) throw new Error("no catalog runs");
    const load = startLoad({
      port: tree.gateway.ready.http,
      workers: 8,
      pauseMs: 4,
      next: () => ({ target: "/catalog/items/1?bytes=200" }),
    });
    const { tally } = load;
    try {
      await waitFor("load", () => tally.total > 100);
      const added = await tree.start("catalog");
      const addedMs = performance.now();
      await waitFor("its first answer", () =>
        tally.byInstance.has(added.ready.instance),
      );
      facts.note(
        `first answer of the new one after ${(performance.now() - addedMs).toFixed(0)} ms`,
      );
      const share = await shareOf(added, tally);
      facts.note(
        `its share is ${(share * 100).toFixed(0)} % of three`,
        share > 1 / 6 && share < 1 / 2,
      );

      const ending = oldest.end("SIGTERM");
      const standing = await waitFor("it to be draining", async () => {
        const seen = await admin.standings("catalog");
        const own = seen.get(oldest.ready.port) ?? "gone";
        return own === "ready" ? undefined : own;
      });
      // What was sent before the change may still be answered by the old one.
      const later = load.anew();
      await waitFor("more load", () => later.total >= 300);
      const late = later.byInstance.get(oldest.ready.instance) ?? 0;
      facts.note(
        `${late} of ${later.total} to the ${standing} one`,
        late === 0,
      );
      const code = await ending;
      facts.note(`it exits ${code}`, code === 0);
      await load.stop();
      noteClients(later, facts);
    } finally {
      await load.stop();
    }
    noteClients(tally, facts);
  },
};
