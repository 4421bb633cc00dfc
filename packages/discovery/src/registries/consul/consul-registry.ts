import {
  randomName,
  requireDuration,
  requireText,
  systemClock,
  systemRandom,
  type Duration,
  type MetricSource,
} from "@dp/core";
import type { RegistryOptions } from "../../remote/registry-options.ts";
import type { Metadata } from "../../instance.ts";
import type { Registry } from "../../registry.ts";
import { Failures } from "../../remote/failures.ts";
import { Feeds } from "../../remote/feeds.ts";
import { leasedRegistry } from "../../remote/leased-registry.ts";
import { Registrations } from "../../remote/registrations.ts";
import { requireSecret } from "../../remote/secret.ts";
import { ConsulAnnouncement } from "./consul-announcement.ts";
import { ConsulCatalog } from "./consul-catalog.ts";
import { readHealth, readService } from "./consul-entry.ts";
import { ConsulHttp, requireHttpUrl, type ConsulFetch } from "./consul-http.ts";
import { writeMeta } from "./consul-meta.ts";
import { followConsul } from "./consul-watch.ts";

export interface ConsulRegistryOptions extends RegistryOptions {
  /** Of the agent on this machine, as `http://127.0.0.1:8500`. */
  readonly url: string;
  /** Needs `service:write` for what is registered and `service:read`, `node:read` for what is found. @defaultValue none */
  readonly token?: string | undefined;
  /** Where to find instances; registering is always at the agent. @defaultValue the agent's own */
  readonly datacenter?: string | undefined;
  /** How long a query may block. 1 s to 4 min: `fetch` gives up after 5. @defaultValue 30s */
  readonly wait?: Duration | undefined;
  /** How long an answer that is due may take. At least 100 ms. @defaultValue 5s */
  readonly detect?: Duration | undefined;
  /** For client certificates or proxies. @defaultValue the global one */
  readonly fetch?: ConsulFetch | undefined;
}

/** A registry in Consul; its metrics are about what this object does. */
export interface ConsulRegistry<M = Metadata>
  extends Registry<M>, MetricSource {}

/** For checking whether an instance fits, before anybody knows its number. */
const anyOwn = {
  incarnation: { number: Number.MAX_SAFE_INTEGER, owner: randomName(() => 0) },
  write: Number.MAX_SAFE_INTEGER,
};

/**
 * A registry in Consul, over the HTTP API of an agent. Registers services with a TTL check that this object renews;
 * lists every instance that is not critical, those that others registered too. Watches see states: what happened
 * between two answers is one delta, and no removal has a known cause; nobody after somebody is a `sync` with reason
 * `store-reset`, so that views hold what they know.
 *
 * No fencing: the agent has no conditional write, so what it holds is read before each write and each removal, and of two
 * processes that write at the same moment either may win; the older one finds out at its next renewal. The same id at
 * two agents is two entries, of which the newest is listed. A watched service takes one connection; a write costs four
 * exchanges, a renewal two.
 */
export const consulRegistry = <M = Metadata>(
  options: ConsulRegistryOptions,
): ConsulRegistry<M> => {
  const { clock = systemClock, random = systemRandom } = options;
  const detectMs = requireDuration("detect", options.detect ?? "5s", 100);
  const failures = new Failures(options.onError);
  const failed = (error: Error): void => void failures.report(error);
  const skipped = (error: Error): void => failures.skip(error);
  const http = new ConsulHttp(
    requireHttpUrl(options.url),
    options.token === undefined
      ? undefined
      : requireSecret("token", options.token),
    options.fetch ?? fetch,
  );
  const catalog = new ConsulCatalog(
    http,
    options.datacenter === undefined
      ? undefined
      : requireText("datacenter", options.datacenter),
  );
  const waitMs = requireDuration("wait", options.wait ?? "30s", 1_000, 240_000);
  const follow = followConsul<M>({ catalog, clock, waitMs, detectMs, skipped });
  return leasedRegistry({
    kind: "Consul",
    name: requireText("name", options.name ?? "consul"),
    fencing: false,
    clock,
    detectMs,
    failures,
    feeds: new Feeds<M>(clock, random, follow, failed),
    registrations: new Registrations<M>({
      clock,
      random,
      failed,
      accept: (instance) => {
        writeMeta(instance, { ...anyOwn, id: instance.id });
      },
      announce: (instance, ttlMs) =>
        new ConsulAnnouncement<M>(catalog, clock, random, instance, ttlMs),
    }),
    list: async (service, signal) => {
      const { body } = await catalog.health(service, signal);
      return [...readService<M>(service, body, skipped).values()];
    },
    services: (signal) =>
      catalog.services(
        signal,
        (service, body) => readHealth<M>(service, body, skipped).size > 0,
      ),
  });
};
