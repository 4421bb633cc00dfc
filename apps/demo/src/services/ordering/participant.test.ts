import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { NotDone, Rejected } from "@dp/saga";
import { listenOnLoopback } from "../../listen.ts";
import { participantAt, type Participant } from "./participant.ts";

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});
const { signal } = new AbortController();

const answering = async (
  status: number,
  answer: object,
  fields: Record<string, string> = {},
): Promise<{ participant: Participant; seen: string[] }> => {
  const seen: string[] = [];
  server = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (text) => seen.push(text as string));
    request.on("end", () => {
      response.writeHead(status, fields).end(JSON.stringify(answer));
    });
    seen.push(`${request.method ?? ""} ${request.url ?? ""}`);
  });
  const port = await listenOnLoopback(server, 0);
  return { participant: participantAt(`http://127.0.0.1:${port}/x`), seen };
};

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a participant", () => {
  it("does and undoes under the key", async () => {
    const { participant, seen } = await answering(200, { content: { a: 1 } });
    expect(await participant.do("o:step", { b: 2 }, signal)).toEqual({ a: 1 });
    await participant.undo("o:step", signal);
    expect(seen).toEqual(["PUT /x/o%3Astep", '{"b":2}', "DELETE /x/o%3Astep"]);
  });

  it.each([402, 404, 409, 410])("takes %i for never", async (status) => {
    const content = { problem: "no" };
    const { participant } = await answering(status, { content });
    const error = await failureOf(participant.do("k", {}, signal));
    expect(Rejected.is(error)).toBe(true);
    expect(error).toMatchObject({
      message: expect.stringContaining(`${status} no`) as string,
    });
  });

  it.each([429, 503])("takes %i for nothing done", async (status) => {
    const { participant } = await answering(
      status,
      { detail: "later" },
      { "retry-after": "2" },
    );
    const error = await failureOf(participant.do("k", {}, signal));
    expect(NotDone.is(error)).toBe(true);
    expect(error).toMatchObject({ retryAfterMs: 2_000 });
  });

  it.each([500, 502, 504])("takes %i for unknown", async (status) => {
    const { participant } = await answering(status, {});
    const error = await failureOf(participant.undo("k", signal));
    expect(error).toBeInstanceOf(Error);
    expect(Rejected.is(error) || NotDone.is(error)).toBe(false);
  });

  it("takes a refused connection for nothing done, a cut one for unknown", async () => {
    const cutting = createServer((_, response) => response.destroy());
    server = cutting;
    const port = await listenOnLoopback(cutting, 0);
    const participant = participantAt(`http://127.0.0.1:${port}`);
    const cut = await failureOf(participant.do("k", {}, signal));
    expect(cut).toBeInstanceOf(Error);
    expect(NotDone.is(cut)).toBe(false);
    await new Promise((resolve) => {
      cutting.close(resolve);
      cutting.closeAllConnections();
    });
    const refused = await failureOf(participant.do("k", {}, signal));
    expect(NotDone.is(refused)).toBe(true);
  });
});
