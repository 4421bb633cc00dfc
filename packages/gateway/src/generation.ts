import type { ResolvedConfig } from "./config/resolved.ts";
import type { ClientAddresses } from "./forwarding/client-address.ts";
import type { BuiltRoute, Generation } from "./proxy/runtime.ts";
import type { RouteTable } from "./routing/route-table.ts";
import type { RequestFields, RouteMatch } from "./routing/route.ts";
import type { Service } from "./service.ts";

export interface GenerationParts {
  readonly config: ResolvedConfig;
  readonly services: ReadonlyMap<string, Service>;
  readonly routes: readonly BuiltRoute[];
  readonly table: RouteTable<BuiltRoute>;
  readonly addresses: ClientAddresses;
  readonly identityFields: ReadonlySet<string>;
}

/** One immutable build of a configuration, and the count of requests that still use it. */
export class BuiltGeneration implements Generation {
  readonly config: ResolvedConfig;
  readonly services: ReadonlyMap<string, Service>;
  readonly routes: readonly BuiltRoute[];
  readonly addresses: ClientAddresses;
  readonly identityFields: ReadonlySet<string>;
  readonly #table: RouteTable<BuiltRoute>;
  #requests = 0;
  #emptied: (() => void) | undefined;

  constructor(parts: GenerationParts) {
    this.config = parts.config;
    this.services = parts.services;
    this.routes = parts.routes;
    this.addresses = parts.addresses;
    this.identityFields = parts.identityFields;
    this.#table = parts.table;
  }

  get clients(): ResolvedConfig["clients"] {
    return this.config.clients;
  }

  match(
    host: string,
    path: string,
    method: string,
    fields: RequestFields,
  ): RouteMatch<BuiltRoute> {
    return this.#table.match(host, path, method, fields);
  }

  enter(): void {
    this.#requests++;
  }

  leave(): void {
    if (--this.#requests === 0) this.#emptied?.();
  }

  /** Closes the services that `next` does not go on with, once no request uses them. */
  async retire(next: BuiltGeneration | undefined): Promise<void> {
    if (this.#requests > 0)
      await new Promise<void>((resolve) => (this.#emptied = resolve));
    const kept = new Set(next?.services.values());
    await Promise.all(
      [...this.services.values()]
        .filter((service) => !kept.has(service))
        .map((service) => service.close()),
    );
  }
}
