import type { ConsulHttp } from "./consul-http.ts";
import type { ServiceEntry } from "./consul-entry.ts";
import type { Meta } from "./consul-meta.ts";

/** Services that are asked about at the same time. */
const together = 8;

/** What is registered at the agent. */
export interface AgentService {
  readonly ID: string;
  readonly Name: string;
  readonly Address: string;
  readonly Port: number;
  readonly Meta: Meta;
  readonly Weights: { readonly Passing: number; readonly Warning: number };
  readonly Check?: {
    readonly CheckID: string;
    readonly Name: string;
    readonly TTL: string;
    readonly Status: "passing";
    readonly DeregisterCriticalServiceAfter: string;
  };
}

/** The calls of Consul's HTTP API that a registry needs. */
export class ConsulCatalog {
  readonly #http: ConsulHttp;
  readonly #datacenter: string | undefined;

  constructor(http: ConsulHttp, datacenter: string | undefined) {
    this.#http = http;
    this.#datacenter = datacenter;
  }

  /**
   * The instances of a service, up or not, as Consul writes them. With an index the answer comes when something changed
   * since, or after `waitMs` and up to a sixteenth more; it need not differ from the last.
   */
  health(
    service: string,
    signal: AbortSignal,
    after?: { readonly index: bigint; readonly waitMs: number },
  ): Promise<{ readonly body: unknown; readonly index: bigint }> {
    return this.#http.read(
      `/v1/health/service/${encodeURIComponent(service)}`,
      signal,
      {
        dc: this.#datacenter,
        ...(after !== undefined && {
          index: String(after.index),
          wait: `${Math.ceil(after.waitMs)}ms`,
        }),
      },
    );
  }

  /** Names in the catalog for which `isUp` holds, sorted. */
  async services(
    signal: AbortSignal,
    isUp: (service: string, body: unknown) => boolean,
  ): Promise<string[]> {
    const { body } = await this.#http.read("/v1/catalog/services", signal, {
      dc: this.#datacenter,
    });
    const names = Object.keys(body ?? {});
    const found: string[] = [];
    for (let start = 0; start < names.length; start += together)
      await Promise.all(
        names.slice(start, start + together).map(async (name) => {
          if (isUp(name, (await this.health(name, signal)).body))
            found.push(name);
        }),
      );
    return found.sort();
  }

  /** What the agent holds under this id; undefined if nothing. */
  async held(
    id: string,
    signal: AbortSignal,
  ): Promise<ServiceEntry | undefined> {
    const { status, text } = await this.#http.exchange(
      "GET",
      `/v1/agent/service/${encodeURIComponent(id)}`,
      signal,
      { accepts: (answered) => answered === 404 },
    );
    return status === 404 ? undefined : (JSON.parse(text) as ServiceEntry);
  }

  async register(service: AgentService, signal: AbortSignal): Promise<void> {
    await this.#http.exchange("PUT", "/v1/agent/service/register", signal, {
      query: { "replace-existing-checks": "true" },
      body: service,
    });
  }

  /** Resets the check's clock. False if the agent has no such check, as after a restart without its data. */
  async pass(checkId: string, signal: AbortSignal): Promise<boolean> {
    const { status } = await this.#http.exchange(
      "PUT",
      `/v1/agent/check/update/${encodeURIComponent(checkId)}`,
      signal,
      {
        body: { Status: "passing" },
        // Before Consul 1.11 a check that is not there is an error of the server.
        accepts: (answered, text) =>
          answered === 404 ||
          (answered === 500 && /does not have associated TTL/i.test(text)),
      },
    );
    return status === 200;
  }

  async deregister(id: string, signal: AbortSignal): Promise<void> {
    await this.#http.exchange(
      "PUT",
      `/v1/agent/service/deregister/${encodeURIComponent(id)}`,
      signal,
      { accepts: (answered) => answered === 404 },
    );
  }
}
