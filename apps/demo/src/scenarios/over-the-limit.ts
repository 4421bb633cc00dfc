import { setTimeout as sleep } from "node:timers/promises";
import { ClientConnection } from "../load/client.ts";
import { requestOf, type Aim } from "../load/load.ts";
import type { WireAnswer } from "../load/answer-reader.ts";
import { judge } from "../load/verdict.ts";
import type { Scenario } from "./scenario.ts";

/** More than the burst of 20 and what comes back meanwhile. */
const greed = 60;
const burst = 20;
const politeClients = 5;

const aimOf = (client: string): Aim => ({
  target: "/orders",
  fields: { "x-client": client },
});

/** One client asks for more than its limit. */
export const overTheLimit: Scenario = {
  name: "4 one client over the limit",
  expected:
    "429 with Retry-After and RateLimit fields; other clients unaffected",
  play: async ({ tree }, facts) => {
    const connection = await ClientConnection.connect(tree.gateway.ready.http);
    const ask = async (client: string): Promise<WireAnswer> => {
      const request = requestOf(aimOf(client));
      const outcome = await connection.send(request);
      const verdict = judge(request, outcome);
      if (outcome.kind !== "answered" || verdict.kind === "wrong")
        throw new Error(`${client}: ${JSON.stringify(verdict)}`);
      return outcome.answer;
    };

    const startMs = performance.now();
    const answers: WireAnswer[] = [];
    const polite: number[] = [];
    for (let call = 0; call < greed; call++) {
      answers.push(await ask("greedy"));
      // In between, while the greedy one is refused.
      if (call >= greed - politeClients)
        polite.push((await ask(`polite-${call}`)).status);
    }
    const elapsedMs = performance.now() - startMs;
    const refused = answers.filter(({ status }) => status === 429);
    const passed = answers.filter(({ status }) => status === 200).length;
    const most = burst + Math.ceil(elapsedMs / 100);
    facts.note(
      `${passed} x 200 of at most ${most}, ${refused.length} x 429`,
      passed >= burst && passed <= most && passed + refused.length === greed,
    );
    facts.note(
      `${polite.filter((status) => status === 200).length} of ${politeClients} other clients pass`,
      polite.every((status) => status === 200),
    );
    const last = refused.at(-1);
    if (last === undefined) return;
    const lacking = ["retry-after", "ratelimit", "ratelimit-policy"].filter(
      (name) => refused.some(({ headers }) => !headers.has(name)),
    );
    const retryAfter = last.headers.get("retry-after") ?? "";
    facts.note(
      lacking.length === 0
        ? `Retry-After: ${retryAfter}, RateLimit: ${last.headers.get("ratelimit") ?? ""}`
        : `lacking ${lacking.join(", ")}`,
      lacking.length === 0,
    );
    facts.note(
      "RateLimit also on what passes",
      answers[0]?.headers.has("ratelimit") === true,
    );
    await sleep(Number(retryAfter) * 1_000);
    const { status } = await ask("greedy");
    facts.note(`${status} after Retry-After`, status === 200);
    connection.close();
  },
};
