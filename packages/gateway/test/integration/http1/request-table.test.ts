import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Message, status, value } from "./message-reader.ts";
import type { RawClient } from "./raw-client.ts";
import { fieldRows } from "./field-rows.ts";
import { brokenBodies, chunkedRows, framingRows } from "./framing-rows.ts";
import { hostRows, startLineRows } from "./head-rows.ts";
import type { RequestRow, Seen } from "./request-row.ts";
import { createRig, type Rig } from "./rig.ts";
import { ok } from "./scripted-upstream.ts";
import { until } from "./wait.ts";

const requestRows: readonly RequestRow[] = [
  ...startLineRows,
  ...hostRows,
  ...fieldRows,
  ...framingRows,
  ...chunkedRows,
];

let rig: Rig;

beforeAll(async () => {
  rig = await createRig();
  rig.upstream.respond = (_request, peer) => peer.send(ok("fine"));
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const deliveries = {
  whole: (client: RawClient, bytes: string) => {
    client.send(bytes);
    return Promise.resolve();
  },
  "byte by byte": (client: RawClient, bytes: string) =>
    client.trickle(bytes, bytes.length > 1000 ? 97 : 1),
};

/** The one answer the client got, after which the connection was closed in order. */
const refusal = async (client: RawClient): Promise<Message> => {
  await until("the end of the connection", () => client.over);
  expect(client.error).toBeUndefined();
  const messages = client.messages();
  expect(messages).toHaveLength(1);
  const answer = messages[0]!;
  expect(value(answer, "connection")).toBe("close");
  expect(value(answer, "content-type")).toBe("application/problem+json");
  expect(value(answer, "proxy-status")).toMatch(/^dp-[0-9a-f]{16}; error=/);
  const problem = JSON.parse(answer.body) as Record<string, unknown>;
  expect(problem["status"]).toBe(status(answer));
  expect(problem["requestId"]).toBe(value(answer, "x-request-id"));
  return answer;
};

const seen = (request: Message, { line, body = "", has = [] }: Seen): void => {
  expect(request.startLine).toBe(line);
  expect(request.body).toBe(body);
  expect(request.complete).toBe(true);
  const lines = rig.upstream.text.split("\r\n");
  for (const each of has)
    if (each.startsWith("!"))
      expect(value(request, each.slice(1)), each).toBeUndefined();
    else expect(lines).toContain(each);
};

for (const [manner, deliver] of Object.entries(deliveries)) {
  describe(`delivered ${manner}`, () => {
    for (const { name, bytes, expect: expected } of requestRows) {
      const told =
        typeof expected === "object" ? "passes" : `is refused ${expected}`;
      it(`${JSON.stringify(name).slice(1, -1)} ${told}`, async () => {
        const before = rig.upstream.requests.length;
        const bytesBefore = rig.upstream.bytesReceived;
        const client = rig.client();
        await deliver(client, bytes);
        if (typeof expected === "number") {
          const answer = await refusal(client);
          expect(status(answer)).toBe(expected);
          expect(rig.upstream.bytesReceived).toBe(bytesBefore);
        } else if (expected === "400, open") {
          expect(status(await client.answer())).toBe(400);
          expect(rig.upstream.bytesReceived).toBe(bytesBefore);
          client.send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
          expect(status(await client.answer(2))).toBe(200);
        } else {
          const answer = await client.answer(expected.length);
          expect(status(answer)).toBe(200);
          expect(client.answers()).toHaveLength(expected.length);
          const requests = rig.upstream.requests.slice(before);
          expect(requests).toHaveLength(expected.length);
          for (const [index, each] of expected.entries())
            seen(requests[index]!, each);
        }
        client.destroy();
      });
    }

    for (const [name, bytes] of Object.entries(brokenBodies))
      it(`a chunked body with ${name} is refused 400 and never completed`, async () => {
        const complete = (): number =>
          rig.upstream.requests.filter((request) => request.complete).length;
        const before = complete();
        const client = rig.client();
        await deliver(client, bytes);
        expect(status(await refusal(client))).toBe(400);
        await until("the end of the upstream's connection", () =>
          rig.upstream.peers.every(
            (peer) => peer.over || peer.requests().every((r) => r.complete),
          ),
        );
        expect(complete()).toBe(before);
        client.destroy();
      });
  });
}

it("no hidden request ever reached the upstream", async () => {
  // Whatever was still on its way is there when this one is.
  const client = rig.client();
  client.send("GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
  await client.answer();
  const lines = rig.upstream.requests.map((request) => request.startLine);
  expect(lines).toContain("GET /last HTTP/1.1");
  expect(lines).not.toContain("GET /hidden HTTP/1.1");
  expect(requestRows.length + Object.keys(brokenBodies).length).toBeGreaterThan(
    180,
  );
});
