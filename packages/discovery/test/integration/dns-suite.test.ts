import type { ManualClock } from "@dp/core/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Instance } from "../../src/instance.ts";
import { patchInstance, resolveSpec } from "../../src/instance-spec.ts";
import type { Registration, RegistrationSpec } from "../../src/registration.ts";
import { dnsRegistry } from "../../src/registries/dns.ts";
import { registrySuite } from "../../src/testing/registry-suite.ts";
import { turn } from "../passing-time.ts";
import { startDnsDouble, type DnsDouble } from "./dns-double.ts";

let double: DnsDouble;
let clock: ManualClock;
/** The zone: service -> id -> instance. */
let zone = new Map<string, Map<string, Instance>>();

/** A record has no id, so the writer hides it in the host: `10.0.0.1:1` becomes `h<hex>.test`. */
const hostOf = (id: string): string =>
  `h${Buffer.from(id).toString("hex")}.test`;
const idOf = (id: string): string => {
  const hidden = /^h([0-9a-f]*)\.test:\d+$/.exec(id)?.[1];
  return hidden === undefined ? id : Buffer.from(hidden, "hex").toString();
};

const publish = (service: string): void => {
  const instances = [...(zone.get(service)?.values() ?? [])];
  double.answer(
    "SRV",
    service,
    instances.length === 0
      ? "NXDOMAIN"
      : instances.map(({ id, port, weight, priority }) => ({
          type: "SRV",
          target: hostOf(id),
          port,
          weight: Math.round(weight),
          priority,
        })),
  );
};

const write = (instance: Instance): void => {
  const held = zone.get(instance.service) ?? new Map<string, Instance>();
  zone.set(instance.service, held.set(instance.id, instance));
  publish(instance.service);
};

/** Somebody who edits the zone. */
const register = (spec: RegistrationSpec): Promise<Registration> => {
  let { instance } = resolveSpec(spec);
  write(instance);
  const rewrite = (next: Instance): Promise<void> => {
    write((instance = next));
    return Promise.resolve();
  };
  const close = (): Promise<void> => {
    if (zone.get(spec.service)?.get(instance.id) === instance)
      zone.get(spec.service)?.delete(instance.id);
    publish(spec.service);
    return Promise.resolve();
  };
  return Promise.resolve({
    get instance() {
      return instance;
    },
    status: "active",
    grantedTtlMs: Infinity,
    update: (patch) => rewrite(patchInstance(instance, patch)),
    setState: (state) => rewrite({ ...instance, state }),
    on: () => () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  });
};

describe("the DNS registry as a Registry", () => {
  beforeAll(async () => (double = await startDnsDouble()));
  afterAll(() => double[Symbol.asyncDispose]());

  const suite = registrySuite(
    (options) => {
      clock = options.clock as ManualClock;
      zone = new Map();
      for (const service of ["web", "mail", "zebra"]) publish(service);
      const { server } = double;
      return dnsRegistry({
        ...options,
        servers: [server],
        interval: 5,
        timeout: "1h",
      });
    },
    {
      granularity: "states",
      register: (_registry, spec) => register(spec),
      pass: async (ms) => {
        await clock.advance(ms);
        await turn();
      },
      // What SRV records do not say: zone, metadata, state; weights are whole numbers.
      normalise: ({ service, id, port, weight, priority }) => ({
        service,
        id: idOf(id),
        host: "",
        port,
        weight: Math.round(weight),
        priority,
        state: "serving",
        revision: 0n,
        metadata: {},
      }),
      normaliseId: idOf,
      deviations: {
        "names the services that have an instance":
          "DNS cannot enumerate: only names that were asked for are known",
      },
    },
  );
  for (const { name, run } of suite) it(name, run);
});
