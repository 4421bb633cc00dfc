import { ManualClock } from "@dp/core/testing";
import { describe, it } from "vitest";
import type { Instance } from "../../src/instance.ts";
import { kubernetesRegistry } from "../../src/registries/kubernetes/index.ts";
import { registrySuite } from "../../src/testing/registry-suite.ts";
import { outsideWriter } from "../outside-writer.ts";
import { breath } from "../passing-time.ts";
import {
  startKubernetesDouble,
  type KubernetesDouble,
} from "./kubernetes-double.ts";

/** Ids by the addresses the writer gave them: an endpoint has no other. */
const ids = new Map<string, string>();
const addressOf = (id: string): string => {
  for (const [address, held] of ids) if (held === id) return address;
  const address = `10.1.${ids.size >> 8}.${ids.size & 255}`;
  ids.set(address, id);
  return address;
};
const idOf = (id: string): string => ids.get(id.replace(/:1$/, "")) ?? id;

describe("the Kubernetes registry as a Registry", () => {
  let double: KubernetesDouble;
  let advance: (ms: number) => Promise<void>;
  const sliceName = ({ service, id }: Instance): string =>
    `${service}-${Buffer.from(id).toString("hex")}`;

  const suite = registrySuite(
    async (options) => {
      const { clock } = options;
      if (!(clock instanceof ManualClock)) throw new Error("no manual clock");
      advance = (ms) => clock.advance(ms);
      const started = (double = await startKubernetesDouble());
      const registry = kubernetesRegistry({ ...options, url: double.url });
      const dispose = registry[Symbol.asyncDispose].bind(registry);
      return Object.assign(registry, {
        [Symbol.asyncDispose]: async () => {
          await dispose();
          await started[Symbol.asyncDispose]();
        },
      });
    },
    {
      granularity: "states",
      register: outsideWriter({
        // One slice each. The port is part of an id, so the real one hides in the uid.
        write: (instance) =>
          double.put(sliceName(instance), {
            service: instance.service,
            ports: [{ port: 1 }],
            endpoints: [
              {
                addresses: [addressOf(instance.id)],
                zone: instance.zone,
                targetRef: { uid: String(instance.port) },
                conditions:
                  instance.state === "draining"
                    ? { ready: false, serving: true, terminating: true }
                    : { ready: true },
              },
            ],
          }),
        remove: (instance) => double.remove(sliceName(instance)),
      }),
      pass: async (ms) => {
        await advance(ms);
        await breath();
      },
      // What endpoints do not say: weight, priority, metadata of others.
      normalise: ({ service, id, port, zone, state, metadata }) => ({
        service,
        id: idOf(id),
        host: "",
        port: Number(metadata["uid"] ?? port),
        weight: 1,
        priority: 0,
        ...(zone !== undefined && { zone }),
        state,
        revision: 0n,
        metadata: {},
      }),
      normaliseId: idOf,
    },
  );
  for (const { name, run } of suite) it(name, run);
});
