import { requireText, type MetricSource } from "@dp/core";
import type { Metadata } from "../instance.ts";
import type { Registry } from "../registry.ts";
import { Failures } from "../remote/failures.ts";
import { Feeds } from "../remote/feeds.ts";
import { readOnlyRegistry } from "../remote/read-only-registry.ts";
import { DnsSource } from "./dns/dns-source.ts";
import { resolveDnsOptions, type DnsRegistryOptions } from "./dns/options.ts";

/**
 * Finds instances by DNS: the service is the name asked, as it is, without search domains. Each watched name is asked
 * for every `interval`; TTLs are not looked at, because what a resolver may cache it caches itself.
 *
 * The same answer in whatever order is no event. A name that is gone (NXDOMAIN) or has no such record, after it had
 * some, is told as a `sync` with reason `store-reset`, so that views hold what they know for a while. A look-up that
 * fails (SERVFAIL, REFUSED, no answer in time, nonsense, records of which none is an instance) makes the watch `stale` with the last answer kept, and is
 * tried again with jittered waits for ever. With type `SRV` the host of an instance is the target's name: whoever
 * connects resolves it.
 *
 * `register` rejects with `DP_READ_ONLY`. `services` names those watched or listed so far that led to somebody, the
 * last 1000: DNS cannot enumerate. Costs one timer and one question for each watched name; `list` asks at once, or
 * shares a question under way. Throws `InvalidOptionError`.
 *
 * Source: RFC 1035, RFC 2782 (SRV), RFC 2308 (NXDOMAIN, no data).
 */
export const dnsRegistry = <M = Metadata>(
  options: DnsRegistryOptions = {},
): Registry<M> & MetricSource => {
  const resolved = resolveDnsOptions(options);
  const { clock, random, onError } = resolved;
  const life = new AbortController();
  const failures = new Failures(onError);
  const source = new DnsSource<M>(resolved, failures, life.signal);
  return readOnlyRegistry(
    {
      kind: "dns",
      name: resolved.name,
      refusal: "its records are written where the zone is kept",
      push: false,
      feeds: new Feeds(clock, random, source.follow.bind(source)),
      failures,
      requireName: (service) => void requireText("service", service),
      list: async (service) => [...(await source.look(service)).values()],
      services: () => Promise.resolve(source.names),
      effort: {
        metric: "dp_discovery_dns_lookups_total",
        help: "Look-ups of names, of one or two questions each.",
        count: () => source.lookUps,
      },
    },
    life,
  );
};
