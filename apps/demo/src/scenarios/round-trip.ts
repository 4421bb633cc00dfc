import type { Evidence } from "../evidence.ts";
import { ClientConnection } from "../load/client.ts";
import { requestOf, type Aim } from "../load/load.ts";
import { judge } from "../load/verdict.ts";
import type { Scenario } from "./scenario.ts";

const aims: readonly Aim[] = [
  {
    target: "/catalog/items/2?q=a%20b&bytes=100&empty=",
    fields: {
      connection: "keep-alive, x-private",
      "x-private": "for the next hop only",
      "x-forwarded-for": "203.0.113.9",
      "x-kept": "as it is",
    },
  },
  {
    method: "POST",
    target: "/orders",
    body: '{"item":"1", "count":1, "card":"4242424242424242"}',
  },
  { method: "POST", target: "/payments?by=Zo%C3%AB", body: "Zoë pays" },
  { method: "POST", target: "/payments", body: "x".repeat(100_000) },
  { target: "/catalog/items?bytes=200000" },
];

/** Requests cross the gateway and a service each, and come back with the right body and headers. */
export const roundTrip: Scenario = {
  name: "1 round trip",
  expected: "right body, right headers, both ways",
  play: async ({ tree }, facts) => {
    const connection = await ClientConnection.connect(tree.gateway.ready.http);
    const evidences: Evidence[] = [];
    for (const aim of aims) {
      const request = requestOf(aim);
      const outcome = await connection.send(request);
      const verdict = judge(request, outcome);
      if (outcome.kind !== "answered" || verdict.kind !== "right") {
        facts.note(`${aim.target} ${JSON.stringify(verdict)}`, false);
        return;
      }
      const { headers, body } = outcome.answer;
      evidences.push(JSON.parse(body.toString()) as Evidence);
      if (!headers.has("x-request-id") || !headers.has("via"))
        facts.note(`${aim.target} lacks x-request-id or via`, false);
    }
    connection.close();
    facts.note(`${evidences.length} of ${aims.length} right on one connection`);

    const { fields } = evidences[0] as Evidence;
    facts.note("fields pass through", fields["x-kept"] === "as it is");
    facts.note(
      "hop-by-hop fields stop at the gateway",
      fields["x-private"] === undefined,
    );
    facts.note(
      "a client cannot forge where it comes from",
      fields["x-forwarded-for"] === "127.0.0.1",
    );
    const added = [
      "x-forwarded-proto",
      "x-forwarded-host",
      "x-request-id",
      "traceparent",
      "via",
    ];
    const missing = added.filter((name) => fields[name] === undefined);
    facts.note(
      missing.length === 0
        ? "the gateway's own fields are there"
        : `missing ${missing.join(", ")}`,
      missing.length === 0,
    );
  },
};
