import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@dp/core/testing";
import { afterAll, describe, it } from "vitest";
import type { Instance } from "../../src/instance.ts";
import { fileRegistry } from "../../src/registries/file.ts";
import { registrySuite } from "../../src/testing/registry-suite.ts";
import { outsideWriter } from "../outside-writer.ts";
import { breath } from "../passing-time.ts";

describe("the file registry as a Registry", () => {
  const folder = mkdtempSync(join(tmpdir(), "dp-file-suite-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "services.json");
  let services = new Map<string, Map<string, Instance>>();
  let advance: (ms: number) => Promise<void>;

  const save = (): void => {
    const listed: Record<string, unknown> = {};
    for (const [service, instances] of services)
      listed[service] = Array.from(instances.values(), (instance) => ({
        ...instance,
        service: undefined,
        revision: undefined,
      }));
    const text = JSON.stringify({ services: listed });
    writeFileSync(`${file}.next`, text);
    renameSync(`${file}.next`, file);
  };

  const suite = registrySuite(
    (options) => {
      const { clock } = options;
      if (!(clock instanceof ManualClock)) throw new Error("no manual clock");
      advance = (ms) => clock.advance(ms);
      services = new Map();
      save();
      return fileRegistry(file, { ...options, interval: 10 });
    },
    {
      granularity: "states",
      register: outsideWriter({
        write: (instance) => {
          const held =
            services.get(instance.service) ?? new Map<string, Instance>();
          services.set(instance.service, held.set(instance.id, instance));
          save();
        },
        remove: ({ service, id }) => {
          services.get(service)?.delete(id);
          save();
        },
      }),
      pass: async (ms) => {
        await advance(ms);
        await breath();
      },
    },
  );
  for (const { name, run } of suite) it(name, run);
});
