import type {
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import {
  instanceHeader,
  nonceHeader,
  paddingOf,
  sha256,
  type Evidence,
} from "../evidence.ts";
import { noChaos, parseChaos, type Chaos } from "./chaos.ts";

/** What a service gets to see of a request. */
export interface Call {
  readonly method: string;
  /** Below the service's own prefix: `['items', '7']` for `/catalog/items/7`. */
  readonly path: readonly string[];
  readonly body: string;
}

export interface CallAnswer {
  readonly status: number;
  readonly content: unknown;
}

/** Counts of one instance; health checks and controls are not calls. */
export interface Stats {
  calls: number;
  inFlight: number;
  lastCallMs: number;
}

/** Longer answers are sent in pieces, so that a crash can cut one in the middle. */
const pieceBytes = 16 * 1024;

/** Answers for one instance: calls below `/<name>` by `handle` with evidence, and its controls. Counts into `stats`. */
export const createAnswering = (
  name: string,
  instance: string,
  stats: Stats,
  handle: (call: Call) => CallAnswer,
): RequestListener => {
  let chaos: Chaos = noChaos;

  const answerCall = async (
    { method = "", url: target = "", headers }: IncomingMessage,
    response: ServerResponse,
    url: URL,
    body: string,
  ): Promise<void> => {
    stats.calls++;
    stats.inFlight++;
    stats.lastCallMs = performance.now();
    response.on("close", () => stats.inFlight--);
    if (chaos.latencyMs > 0) await sleep(chaos.latencyMs);
    const path = url.pathname.split("/").slice(2);
    const { status, content } =
      Math.random() < chaos.errorRate
        ? { status: 503, content: { problem: "chaos" } }
        : handle({ method, path, body });
    const nonce = String(headers[nonceHeader] ?? "");
    const evidence: Evidence = {
      service: name,
      instance,
      nonce,
      method,
      target,
      bodySha256: sha256(body),
      fields: headers as Record<string, string>,
      padding: paddingOf(nonce, Number(url.searchParams.get("bytes") ?? 0)),
      content,
    };
    response.setHeader(instanceHeader, instance);
    if (nonce !== "") response.setHeader(nonceHeader, nonce);
    await sendJson(response, status, evidence);
  };

  const answerControl = (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    body: string,
  ): Promise<void> => {
    if (path === "/healthz")
      return sendJson(response, 200, { service: name, instance });
    if (path === "/_stats") {
      const { calls, inFlight } = stats;
      return sendJson(response, 200, { instance, calls, inFlight, chaos });
    }
    if (path !== "/_chaos" || request.method !== "POST")
      return sendJson(response, 404, { problem: "not found" });
    const order = parseChaos(body);
    if (typeof order === "string")
      return sendJson(response, 400, { problem: order });
    const { crash = false, ...change } = order;
    chaos = { ...chaos, ...change };
    if (crash)
      response.on("finish", () => process.kill(process.pid, "SIGKILL"));
    return sendJson(response, 200, { ...chaos, crash });
  };

  return (request, response) => {
    const url = new URL(request.url ?? "/", "http://service");
    const isCall = `${url.pathname}/`.startsWith(`/${name}/`);
    readText(request)
      .then((body) =>
        isCall
          ? answerCall(request, response, url, body)
          : answerControl(request, response, url.pathname, body),
      )
      .catch(() => response.destroy());
  };
};

const readText = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part as string;
  return text;
};

const sendJson = async (
  response: ServerResponse,
  status: number,
  content: unknown,
): Promise<void> => {
  const text = `${JSON.stringify(content)}\n`;
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  let at = 0;
  for (; text.length - at > pieceBytes; at += pieceBytes) {
    response.write(text.slice(at, at + pieceBytes));
    await sleep(1);
  }
  response.end(text.slice(at));
};
