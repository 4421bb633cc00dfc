import { ManualClock } from "@dp/core/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Instance } from "../../src/instance.ts";
import { dnsRegistry } from "../../src/registries/dns.ts";
import { registrySuite } from "../../src/testing/registry-suite.ts";
import { outsideWriter } from "../outside-writer.ts";
import { breath } from "../passing-time.ts";
import { startDnsDouble, type DnsDouble } from "./dns-double.ts";

let double: DnsDouble;
let advance: (ms: number) => Promise<void>;
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

/** Somebody who edits the zone. */
const register = outsideWriter({
  write: (instance) => {
    const held = zone.get(instance.service) ?? new Map<string, Instance>();
    zone.set(instance.service, held.set(instance.id, instance));
    publish(instance.service);
  },
  remove: ({ service, id }) => {
    zone.get(service)?.delete(id);
    publish(service);
  },
});

describe("the DNS registry as a Registry", () => {
  beforeAll(async () => (double = await startDnsDouble()));
  afterAll(() => double[Symbol.asyncDispose]());

  const suite = registrySuite(
    (options) => {
      const { clock } = options;
      if (!(clock instanceof ManualClock)) throw new Error("no manual clock");
      advance = (ms) => clock.advance(ms);
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
      register,
      pass: async (ms) => {
        await advance(ms);
        await breath();
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
