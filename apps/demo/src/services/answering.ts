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
import { callOf, problem, type Call, type CallAnswer } from "./call.ts";
import { noChaos, parseChaos, type Chaos } from "./chaos.ts";
import { ownerHeader, peerPrefix } from "./ledger/ledger-seat.ts";

/** Counts of one instance; health checks, controls and calls between instances are not calls. */
export interface Stats {
  calls: number;
  inFlight: number;
  lastCallMs: number;
}

/** What a service does. */
export interface Handlers {
  readonly answer: (call: Call) => CallAnswer | Promise<CallAnswer>;
  /** Answers what another instance of the service passed on. */
  readonly answerPeer?: ((call: Call) => Promise<CallAnswer>) | undefined;
}

/** Longer answers are sent in pieces, so that a crash can cut one in the middle. */
const pieceBytes = 16 * 1024;

const lost = Symbol("the answer was lost on the way");

/** Answers for one instance: calls below `/<name>` with evidence, other instances' calls, and its controls. */
export class Answering {
  readonly #name: string;
  readonly #instance: string;
  readonly #stats: Stats = { calls: 0, inFlight: 0, lastCallMs: -Infinity };
  #chaos: Chaos = noChaos;
  #handlers: Handlers = { answer: () => problem(503, "not ready yet") };

  constructor(name: string, instance: string) {
    this.#name = name;
    this.#instance = instance;
  }

  get stats(): Readonly<Stats> {
    return this.#stats;
  }

  /** How the switches stand. */
  get chaos(): Chaos {
    return this.#chaos;
  }

  /** What calls are answered by from now on; 503 before. */
  use(handlers: Handlers): void {
    this.#handlers = handlers;
  }

  readonly listener: RequestListener = (request, response) => {
    this.#respond(request, response).catch(() => response.destroy());
  };

  async #respond(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { method = "", url: target = "/", headers } = request;
    const body = await readText(request);
    const url = new URL(target, "http://service");
    const isBelow = (prefix: string): boolean =>
      `${url.pathname}/`.startsWith(`${prefix}/${this.#name}/`);
    if (isBelow("")) return this.#answerCall(request, response, url, body);
    const { answerPeer } = this.#handlers;
    if (!isBelow(peerPrefix) || answerPeer === undefined)
      return this.#answerControl(method, response, url.pathname, body);
    url.pathname = url.pathname.slice(peerPrefix.length);
    const answer = await answerPeer(callOf(method, url, headers, body));
    response.setHeader(ownerHeader, this.#instance);
    return sendJson(response, answer.status, answer.content);
  }

  async #answerCall(
    { method = "", url: target = "", headers }: IncomingMessage,
    response: ServerResponse,
    url: URL,
    body: string,
  ): Promise<void> {
    const stats = this.#stats;
    stats.calls++;
    stats.inFlight++;
    stats.lastCallMs = performance.now();
    response.on("close", () => stats.inFlight--);
    const answer = await this.#handle(callOf(method, url, headers, body));
    if (answer === lost) {
      response.destroy();
      return;
    }
    const nonce = String(headers[nonceHeader] ?? "");
    for (const [name, value] of Object.entries(answer.fields ?? {}))
      response.setHeader(name, value);
    response.setHeader(instanceHeader, this.#instance);
    if (nonce !== "") response.setHeader(nonceHeader, nonce);
    if (answer.text !== undefined) {
      response.setHeader("content-type", "text/plain; charset=utf-8");
      response.writeHead(answer.status).end(answer.text);
      return;
    }
    const evidence: Evidence = {
      service: this.#name,
      instance: this.#instance,
      nonce,
      method,
      target,
      bodySha256: sha256(body),
      fields: headers as Record<string, string>,
      padding: paddingOf(nonce, Number(url.searchParams.get("bytes") ?? 0)),
      content: answer.content,
    };
    await sendJson(response, answer.status, evidence);
  }

  /** The service's answer, or what the switches make of it. */
  async #handle(call: Call): Promise<CallAnswer | typeof lost> {
    const { latencyMs, errorRate, loseAnswers } = this.#chaos;
    if (latencyMs > 0) await sleep(latencyMs);
    if (Math.random() < errorRate) return problem(503, "chaos");
    const answer = await this.#handlers.answer(call);
    const isChange = call.method !== "GET" && call.method !== "HEAD";
    return isChange && Math.random() < loseAnswers ? lost : answer;
  }

  #answerControl(
    method: string,
    response: ServerResponse,
    path: string,
    body: string,
  ): Promise<void> {
    const instance = this.#instance;
    if (path === "/healthz")
      return sendJson(response, 200, { service: this.#name, instance });
    if (path === "/_stats") {
      const { calls, inFlight } = this.#stats;
      const chaos = this.#chaos;
      return sendJson(response, 200, { instance, calls, inFlight, chaos });
    }
    if (path !== "/_chaos" || method !== "POST")
      return sendJson(response, 404, { problem: "not found" });
    const order = parseChaos(body);
    if (typeof order === "string")
      return sendJson(response, 400, { problem: order });
    const { crash = false, ...change } = order;
    this.#chaos = { ...this.#chaos, ...change };
    if (crash)
      response.on("finish", () => process.kill(process.pid, "SIGKILL"));
    return sendJson(response, 200, { ...this.#chaos, crash });
  }
}

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
