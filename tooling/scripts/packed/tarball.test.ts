import { describe, expect, it } from "vitest";
import type { Manifest } from "../workspace.ts";
import { specifiersOf, targetsOf } from "./entries.ts";
import { contentFaults, type Tarball } from "./tarball.ts";

const manifest: Manifest = {
  name: "@dp/sample",
  exports: {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./schema.json": "./dist/schema.json",
  },
};

const content: Readonly<Record<string, string>> = {
  "package.json": "{}",
  "README.md": "",
  LICENSE: "",
  "dist/index.js": "",
  "dist/index.d.ts": "",
  "dist/schema.json": "{}",
};

const tarball = (
  extra: Readonly<Record<string, string>> = {},
  changes: Partial<Manifest> = {},
): Tarball => {
  const files: Readonly<Record<string, string>> = { ...content, ...extra };
  return {
    file: "sample.tgz",
    manifest: { ...manifest, ...changes },
    files: Object.keys(files),
    read: (file) => files[file] ?? "",
  };
};

const without = (file: string): Tarball => {
  const full = tarball();
  return { ...full, files: full.files.filter((name) => name !== file) };
};

describe("contentFaults", () => {
  it("finds nothing to blame in a complete package", () => {
    expect(contentFaults(tarball())).toEqual([]);
  });

  it.each(["README.md", "LICENSE"])("misses %s", (file) => {
    expect(contentFaults(without(file))).toEqual([
      `@dp/sample: ${file} is missing`,
    ]);
  });

  it.each(["dist/clock.test.js", "dist/test/x.js", "src/index.ts", ".env"])(
    "refuses %s",
    (file) => {
      expect(contentFaults(tarball({ [file]: "" }))).toEqual([
        `@dp/sample: ${file} does not belong into the package`,
      ]);
    },
  );

  it("finds a condition that leads nowhere", () => {
    const exports = { ".": { "@dp/source": "./src/index.ts" } };
    expect(contentFaults(tarball({}, { exports }))).toEqual([
      '@dp/sample: exports["."].@dp/source leads to ./src/index.ts, which is not there',
    ]);
  });

  it("finds a bin that is missing or no program", () => {
    const bin = { a: "./dist/a.js", b: "./dist/b.js", c: "./dist/c.js" };
    const faults = contentFaults(
      tarball(
        { "dist/a.js": "#!/usr/bin/env node\n", "dist/b.js": "1" },
        { bin },
      ),
    );
    expect(faults).toEqual([
      "@dp/sample: bin ./dist/b.js is no program",
      "@dp/sample: bin ./dist/c.js is no program",
    ]);
  });

  it("finds a dependency on the workspace", () => {
    const dependencies = { "@dp/core": "workspace:^" };
    expect(contentFaults(tarball({}, { dependencies }))).toHaveLength(1);
  });

  it("finds a source map without its sources", () => {
    const sources = ["../src/a.ts", "../src/b.ts"];
    const map = JSON.stringify({ sources, sourcesContent: ["a", null] });
    expect(contentFaults(tarball({ "dist/index.js.map": map }))).toEqual([
      "@dp/sample: dist/index.js.map does not hold ../src/b.ts",
    ]);
  });
});

describe("the entries of a manifest", () => {
  it("are what users import", () => {
    expect(specifiersOf(manifest)).toEqual([
      "@dp/sample",
      "@dp/sample/schema.json",
    ]);
  });

  it("lead to files under every condition", () => {
    const exports = { ".": { node: { import: "./a.js" }, default: "./b.js" } };
    expect(
      targetsOf({ ...manifest, exports }).map(
        ({ condition, target }) => `${condition} ${target}`,
      ),
    ).toEqual(["node.import ./a.js", "default ./b.js"]);
  });
});
