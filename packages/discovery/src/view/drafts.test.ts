import {
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@dp/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { draftOf, removeAbandoned } from "./drafts.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-drafts-"));
  path = join(folder, "web.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file as of one second after the epoch. */
const leave = (file: string): void => {
  writeFileSync(file, "{");
  utimesSync(file, 1, 1);
};

describe("a draft", () => {
  it("is removed when it is older than an hour, not before", async () => {
    leave(draftOf(path, seededRandom(1)));
    await removeAbandoned(path, 3_601_000);
    expect(readdirSync(folder)).toHaveLength(1);
    await removeAbandoned(path, 3_601_001);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is of another name each time, even if chance repeats itself", () => {
    expect(draftOf(path, () => 0.5)).not.toBe(draftOf(path, () => 0.5));
  });
});

describe("what is no draft of the file", () => {
  it("is never removed", async () => {
    const files = [
      path,
      `${path}.bak`,
      `${path}.1-2-3`,
      `${draftOf(path, seededRandom(1))}.old`,
      draftOf(join(folder, "other.json"), seededRandom(1)),
      draftOf(join(folder, "a-web.json"), seededRandom(1)),
    ];
    files.forEach(leave);
    await removeAbandoned(path, 1e12);
    expect(readdirSync(folder)).toHaveLength(files.length);
  });
});
