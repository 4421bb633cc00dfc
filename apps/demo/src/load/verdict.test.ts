import { describe, expect, it } from "vitest";
import { paddingOf, sha256, type Evidence } from "../evidence.ts";
import type { WireAnswer } from "./answer-reader.ts";
import type { WireRequest } from "./client.ts";
import { judge } from "./verdict.ts";

const request: WireRequest = {
  method: "POST",
  target: "/orders?bytes=10",
  fields: { "x-nonce": "n1" },
  body: "lamp",
};
const evidence: Evidence = {
  service: "orders",
  instance: "orders-1",
  nonce: "n1",
  method: "POST",
  target: "/orders?bytes=10",
  bodySha256: sha256("lamp"),
  fields: {},
  padding: paddingOf("n1", 10),
  content: {},
};

const judged = (
  status: number,
  fields: Record<string, string>,
  body: unknown,
): ReturnType<typeof judge> => {
  const answer: WireAnswer = {
    status,
    headers: new Map(Object.entries(fields)),
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    keepsAlive: true,
  };
  return judge(request, { kind: "answered", answer, elapsedMs: 1 });
};
const own = { "x-nonce": "n1", "x-instance": "orders-1" };
const problemFields = {
  "content-type": "application/problem+json",
  "x-request-id": "r1",
  "proxy-status": "dp; error=x",
};
const problem = {
  title: "Bad Gateway",
  detail: "gone",
  status: 502,
  requestId: "r1",
};

describe("judge", () => {
  it("takes an answer with all its evidence for right", () => {
    expect(judged(200, own, evidence)).toEqual({
      kind: "right",
      instance: "orders-1",
    });
  });

  it("knows an error that the service made", () => {
    expect(judged(503, own, evidence).kind).toBe("service-error");
  });

  it.each([
    ["the nonce", { nonce: "n2" }],
    ["the service", { service: "payments" }],
    ["the method", { method: "GET" }],
    ["the target", { target: "/orders?bytes=11" }],
    ["the body", { bodySha256: sha256("chair") }],
    ["the padding", { padding: paddingOf("n2", 10) }],
    ["the padding's length", { padding: paddingOf("n1", 9) }],
    ["the instance", { instance: "orders-2" }],
  ])("finds an answer mixed up in %s", (_, change) => {
    expect(judged(200, own, { ...evidence, ...change }).kind).toBe("wrong");
  });

  it("finds an answer whose head belongs to another", () => {
    const fields = { ...own, "x-nonce": "n2" };
    expect(judged(200, fields, evidence).kind).toBe("wrong");
  });

  it("finds an answer that is no evidence", () => {
    expect(judged(200, own, "hello").kind).toBe("wrong");
    expect(judged(200, own, {}).kind).toBe("wrong");
  });

  it("takes a complete problem for a problem", () => {
    expect(judged(502, problemFields, problem)).toEqual({
      kind: "problem",
      status: 502,
    });
  });

  it.each([
    ["of another status", 503, problemFields, problem],
    ["of no error", 200, problemFields, { ...problem, status: 200 }],
    ["of another request", 502, problemFields, { ...problem, requestId: "r2" }],
    ["without a title", 502, problemFields, { ...problem, title: undefined }],
    ["without detail", 502, problemFields, { ...problem, detail: "" }],
    [
      "without Proxy-Status",
      502,
      { "content-type": "application/problem+json", "x-request-id": "r1" },
      problem,
    ],
    ["that is no JSON", 502, problemFields, "<html>"],
  ] as const)("finds a problem %s unclear", (_, status, fields, body) => {
    expect(judged(status, fields, body).kind).toBe("wrong");
  });

  it("tells a cut from silence and from nonsense", () => {
    expect(judge(request, { kind: "cut" }).kind).toBe("cut");
    expect(judge(request, { kind: "silent" }).kind).toBe("wrong");
    expect(judge(request, { kind: "malformed", why: "x" }).kind).toBe("wrong");
  });
});
