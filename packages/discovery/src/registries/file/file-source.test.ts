import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { afterAll, expect, it } from "vitest";
import { Failures } from "../../remote/failures.ts";
import { FileSource } from "./file-source.ts";
import { importYaml, readYaml } from "./yaml-document.ts";

const folder = mkdtempSync(join(tmpdir(), "dp-file-source-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("reads an equal text again once the package it lacked is there", async () => {
  const path = join(folder, "services.yaml");
  writeFileSync(path, "services: { users: [] }");
  let installed = false;
  const source = new FileSource({
    path,
    format: "yaml",
    intervalMs: 1000,
    clock: new ManualClock(),
    random: seededRandom(1),
    failures: new Failures(undefined),
    readYaml: async (text) => {
      if (!installed) await importYaml(() => Promise.reject(new Error("none")));
      return readYaml(text);
    },
  });
  await expect(source.services()).rejects.toThrow(/npm install yaml/);
  installed = true;
  expect([...(await source.services()).keys()]).toEqual(["users"]);
});
