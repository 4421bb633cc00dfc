import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock, type Clock } from "@dp/core";
import type { ConsulFetch } from "../../src/registries/consul/index.ts";

type Status = "passing" | "warning" | "critical";

interface Definition {
  readonly ID: string;
  readonly Name: string;
  readonly Address?: string;
  readonly Port?: number;
  readonly Tags?: readonly string[];
  readonly Meta?: Readonly<Record<string, string>>;
  readonly Weights?: { readonly Passing: number; readonly Warning: number };
  readonly Check?: {
    readonly CheckID: string;
    readonly TTL: string;
    readonly Status?: Status;
    readonly DeregisterCriticalServiceAfter?: string;
  };
}

interface Registered {
  readonly definition: Definition;
  readonly createIndex: number;
  readonly modifyIndex: number;
  status: Status;
  /** The agent has forgotten that the check has a ttl, as some restarts made it do. */
  lostTtl: boolean;
  cancel: (() => void)[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly index?: number;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4 };

const milliseconds = (text: string): number => {
  const match = /^([\d.]+)(ms|s|m)$/.exec(text);
  if (match === null) throw new Error(`not a duration: ${text}`);
  return Number(match[1]) * units[match[2]!]!;
};

/**
 * One Consul agent and its servers, as the documents of Consul's HTTP API describe what a registry needs of them: the
 * agent's services and TTL checks, health and catalog, blocking queries with their indexes. Written from the documents
 * and from the source of the agent where those say nothing, because Consul itself cannot be installed here.
 */
export class ConsulDouble {
  /** Paths asked for, with method and query. */
  readonly requests: string[] = [];
  /** Every request needs this token, if set. */
  token: string | undefined;
  /** `down`: no connection. A number: the status of every answer. */
  trouble: "down" | number | undefined;
  /** Blocking queries answer at once, as those of a broken server do. */
  neverBlocks = false;
  /** What is said about services with these ids is lost, and who asks is told that there is nothing. */
  readonly dead: Set<string> = new Set<string>();
  readonly #clock: Clock;
  readonly #services = new Map<string, Registered>();
  readonly #waiters = new Set<() => void>();
  #index = 10;
  /** Index of the last change of a service; absent ones have that of the whole catalog. */
  #serviceIndexes = new Map<string, number>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  get blocked(): number {
    return this.#waiters.size;
  }

  /** Ends every check. */
  close(): void {
    for (const held of this.#services.values()) this.#stopTimers(held);
  }

  definition(id: string): Definition | undefined {
    return this.#services.get(id)?.definition;
  }

  register(definition: Definition): void {
    const { ID, Name, Check } = definition;
    const held = this.#services.get(ID);
    this.#stopTimers(held);
    const isSame =
      JSON.stringify(held?.definition) === JSON.stringify(definition);
    const index =
      isSame && held !== undefined ? held.modifyIndex : ++this.#index;
    const registered: Registered = {
      definition,
      createIndex: held?.createIndex ?? index,
      modifyIndex: index,
      // What a check was before its service was registered again, it still is.
      status:
        Check === undefined
          ? "passing"
          : (held?.status ?? Check.Status ?? "critical"),
      lostTtl: false,
      cancel: [],
    };
    this.#services.set(ID, registered);
    this.#startTtl(registered);
    if (!isSame) this.#changed(Name, held?.definition.Name);
  }

  deregister(id: string): boolean {
    const held = this.#services.get(id);
    if (held === undefined) return false;
    this.#stopTimers(held);
    this.#services.delete(id);
    this.#index++;
    this.#changed(held.definition.Name);
    return true;
  }

  setStatus(id: string, status: Status): void {
    const held = this.#services.get(id);
    if (held === undefined || held.status === status) return;
    held.status = status;
    this.#index++;
    this.#changed(held.definition.Name);
  }

  /** The agent comes back with its services or without, and everyone who waits loses the connection. */
  restart(keeps: { services: boolean; ttls: boolean }): void {
    for (const [id, held] of [...this.#services]) {
      if (!keeps.services) this.deregister(id);
      else if (!keeps.ttls) {
        this.#stopTimers(held);
        held.lostTtl = true;
      }
    }
    const { trouble } = this;
    this.trouble = "down";
    this.wake();
    this.trouble = trouble;
  }

  /** The servers come back with an older snapshot of the catalog, whose indexes are lower. */
  rewind(by: number): void {
    this.#index -= by;
    for (const [name, index] of this.#serviceIndexes)
      this.#serviceIndexes.set(name, Math.max(1, index - by));
    this.wake();
  }

  /** Every blocking query answers, whether anything changed or not. */
  wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /** In this process, on the double's clock. */
  readonly fetch: ConsulFetch = async (address, init) => {
    const url = new URL(address);
    this.requests.push(`${init.method} ${url.pathname}${url.search}`);
    init.signal.throwIfAborted();
    const { status, body, index } = await this.#answer(
      init.method,
      url,
      init.headers["x-consul-token"],
      init.body,
      init.signal,
    );
    const headers = new Map(
      index === undefined ? [] : [["x-consul-index", String(index)]],
    );
    return {
      status,
      headers: { get: (name) => headers.get(name) ?? null },
      body: [Buffer.from(body)],
    };
  };

  /** On a port of this machine. */
  async listen(): Promise<{ url: string; close: () => void }> {
    const server = createServer((request, response) => {
      const abort = new AbortController();
      response.on("close", () => abort.abort(new Error("gone")));
      void (async () => {
        let body = "";
        for await (const chunk of request) body += String(chunk);
        const answer = await this.fetch(`http://localhost${request.url}`, {
          method: request.method ?? "GET",
          headers: {
            "x-consul-token": String(request.headers["x-consul-token"] ?? ""),
          },
          signal: abort.signal,
          body,
        });
        const index = answer.headers.get("x-consul-index");
        if (index !== null) response.setHeader("X-Consul-Index", index);
        response.statusCode = answer.status;
        for await (const bytes of answer.body ?? []) response.write(bytes);
        response.end();
      })().catch(() => response.destroy());
    });
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve),
    );
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}`,
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  }

  async #answer(
    method: string,
    url: URL,
    token: string | undefined,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    this.#requireUp();
    if (typeof this.trouble === "number")
      return { status: this.trouble, body: "No cluster leader" };
    if (this.token !== undefined && token !== this.token)
      return { status: 403, body: "Permission denied: token lacks permission" };
    const [, , area = "", ...rest] = url.pathname.split("/");
    const path = [area, ...rest.slice(0, -1)].join("/");
    const last = decodeURIComponent(rest.at(-1) ?? "");
    switch (`${method} ${path}`) {
      case "PUT agent/service":
        this.#registerUnlessDead(JSON.parse(body ?? "") as Definition);
        return { status: 200, body: "" };
      case "GET agent/service":
        return this.#agentService(last);
      case "PUT agent/service/deregister":
        return this.deregister(last)
          ? { status: 200, body: "" }
          : { status: 404, body: `Unknown service ID "${last}"` };
      case "PUT agent/check/update":
        return this.#update(last, JSON.parse(body ?? "") as { Status: Status });
      case "GET catalog":
        return this.#catalog();
      case "GET health/service":
        return this.#health(last, url.searchParams, signal);
    }
    return { status: 404, body: `no such path: ${url.pathname}` };
  }

  async #health(
    name: string,
    query: URLSearchParams,
    signal: AbortSignal,
  ): Promise<Answer> {
    const after = Number(query.get("index") ?? 0);
    const indexOf = (): number => this.#serviceIndexes.get(name) ?? this.#index;
    if (after > 0 && !this.neverBlocks && indexOf() <= after) {
      const waitMs = milliseconds(query.get("wait") ?? "5m");
      // Consul adds up to a sixteenth by chance; here it is half of that.
      await this.#change(waitMs * (1 + 1 / 32), signal);
      this.#requireUp();
    }
    const entries = [...this.#services.values()]
      .filter(({ definition }) => definition.Name === name)
      .map(({ definition, status, createIndex, modifyIndex }) => ({
        Node: { Node: "node-1", Address: "10.9.9.9", Datacenter: "dc1" },
        Service: {
          ID: definition.ID,
          Service: name,
          Tags: definition.Tags ?? [],
          Address: definition.Address ?? "",
          Port: definition.Port ?? 0,
          Meta: definition.Meta ?? {},
          Weights: definition.Weights ?? { Passing: 1, Warning: 1 },
          CreateIndex: createIndex,
          ModifyIndex: modifyIndex,
        },
        Checks: [
          { CheckID: "serfHealth", Status: "passing", ServiceID: "" },
          { CheckID: "c", Status: status, ServiceID: definition.ID },
        ],
      }));
    return { status: 200, body: JSON.stringify(entries), index: indexOf() };
  }

  #registerUnlessDead(definition: Definition): void {
    if (this.dead.has(definition.ID)) throw new TypeError("fetch failed");
    this.register(definition);
  }

  #agentService(id: string): Answer {
    const held = this.#services.get(id);
    if (held === undefined || this.dead.has(id))
      return { status: 404, body: `unknown service ID: ${id}` };
    const { Name: Service, ...rest } = held.definition;
    return { status: 200, body: JSON.stringify({ ...rest, Service }) };
  }

  #update(checkId: string, { Status: status }: { Status: Status }): Answer {
    const held = [...this.#services.values()].find(
      ({ definition }) => definition.Check?.CheckID === checkId,
    );
    if (held === undefined)
      return { status: 404, body: `Unknown check ID "${checkId}"` };
    if (held.lostTtl)
      return {
        status: 500,
        body: `CheckID "${checkId}" does not have associated TTL`,
      };
    this.#stopTimers(held);
    this.setStatus(held.definition.ID, status);
    this.#startTtl(held);
    return { status: 200, body: "" };
  }

  #catalog(): Answer {
    const names = Object.fromEntries(
      [...this.#services.values()].map(({ definition }) => [
        definition.Name,
        definition.Tags ?? [],
      ]),
    );
    const body = JSON.stringify({ ...names, consul: [] });
    return { status: 200, body, index: this.#index };
  }

  #startTtl(held: Registered): void {
    const { Check, ID } = held.definition;
    if (Check === undefined) return;
    const { TTL, DeregisterCriticalServiceAfter: after } = Check;
    const fail = (): void => {
      this.setStatus(ID, "critical");
      if (after === undefined) return;
      const reapMs = Math.max(60_000, milliseconds(after));
      held.cancel.push(
        this.#clock.schedule(reapMs, () => void this.deregister(ID)),
      );
    };
    held.cancel.push(this.#clock.schedule(milliseconds(TTL), fail));
  }

  #stopTimers(held: Registered | undefined): void {
    for (const cancel of held?.cancel.splice(0) ?? []) cancel();
  }

  #changed(...names: readonly (string | undefined)[]): void {
    for (const name of names)
      if (name !== undefined) this.#serviceIndexes.set(name, this.#index);
    this.wake();
  }

  #requireUp(): void {
    if (this.trouble === "down") throw new TypeError("fetch failed");
  }

  /** Resolves at the next wake or after that time, whichever service it is about: an answer is no proof of change. */
  #change(limitMs: number, signal: AbortSignal): Promise<void> {
    const isDown = (): boolean => this.trouble === "down";
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiters.delete(wake);
        cancel();
        signal.removeEventListener("abort", abort);
      };
      const wake = (): void => {
        end();
        if (isDown()) reject(new TypeError("fetch failed"));
        else resolve();
      };
      const abort = (): void => {
        end();
        reject(signal.reason as Error);
      };
      const cancel = this.#clock.schedule(limitMs, wake);
      this.#waiters.add(wake);
      signal.addEventListener("abort", abort, { once: true });
    });
  }
}
