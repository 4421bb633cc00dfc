import {
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkLayers } from "./check.ts";

let root: string;

const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};

const addPackage = (name: string, needs: readonly string[]): void => {
  write(
    `packages/${name}/package.json`,
    JSON.stringify({
      name: `@dp/${name}`,
      type: "module",
      exports: { ".": { "@dp/source": "./src/index.ts" } },
      dependencies: Object.fromEntries(
        needs.map((need) => [`@dp/${need}`, "workspace:*"]),
      ),
    }),
  );
  for (const need of needs) {
    const link = join(root, `packages/${name}/node_modules/@dp/${need}`);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, `packages/${need}`), link);
  }
};

const broken = async (): Promise<readonly string[]> =>
  (await checkLayers(root)).violations.map((text) => text.split("\n")[0] ?? "");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dp-layers-"));
  addPackage("core", []);
  addPackage("breaker", ["core", "discovery"]);
  addPackage("discovery", ["core"]);
  write("packages/core/src/clock.ts", "export const now = () => 0;\n");
  write("packages/core/src/index.ts", 'export { now } from "./clock.ts";\n');
  write("packages/discovery/src/index.ts", "export const found = 1;\n");
  write(
    "packages/breaker/src/index.ts",
    'export { one } from "./trip/one.ts";\nexport { two } from "./trip/two.ts";\n',
  );
  write("packages/breaker/src/trip/trip.ts", "export type Trip = number;\n");
  for (const name of ["one", "two"])
    write(
      `packages/breaker/src/trip/${name}.ts`,
      `import { now } from "@dp/core";\nimport type { Trip } from "./trip.ts";\nexport const ${name}: Trip = now();\n`,
    );
});
afterEach(() => rmSync(root, { recursive: true }));

describe("checkLayers", () => {
  it("finds nothing to blame in a tidy house", async () => {
    const { files, violations } = await checkLayers(root);
    expect(violations).toEqual([]);
    expect(files).toBe(7);
  });

  it("finds a cycle, even of types alone", async () => {
    write(
      "packages/breaker/src/trip/trip.ts",
      'import type { State } from "../state.ts";\nexport type Trip = State;\n',
    );
    write(
      "packages/breaker/src/state.ts",
      'import type { Trip } from "./trip/trip.ts";\nexport type State = Trip | 1;\n',
    );
    expect((await broken()).join()).toContain("no-cycle: ");
  });

  it("finds an arrow between packages that the rule does not draw", async () => {
    write(
      "packages/breaker/src/wrong.ts",
      'import { found } from "@dp/discovery";\nexport const x = found;\n',
    );
    expect(await broken()).toEqual([
      "arrows-of-breaker: packages/breaker/src/wrong.ts -> packages/discovery/src/index.ts",
    ]);
  });

  it("finds a path into another package", async () => {
    write(
      "packages/breaker/src/wrong.ts",
      'import { now } from "../../core/src/clock.ts";\nexport const x = now;\n',
    );
    expect(await broken()).toEqual([
      "packages-by-name: packages/breaker/src/wrong.ts -> packages/core/src/clock.ts",
    ]);
  });

  it("finds an import of an index.ts", async () => {
    write(
      "packages/core/src/wrong.ts",
      'import { now } from "./index.ts";\nexport const x = now;\n',
    );
    expect(await broken()).toEqual([
      "no-index-import: packages/core/src/wrong.ts -> packages/core/src/index.ts",
    ]);
  });

  it("lets a test import the entry it tests", async () => {
    write(
      "packages/core/src/clock.test.ts",
      'import { now } from "./index.ts";\nnow();\n',
    );
    expect(await broken()).toEqual([]);
  });

  it("finds a strategy that knows its sibling", async () => {
    write(
      "packages/breaker/src/trip/two.ts",
      'import { one } from "./one.ts";\nexport const two = one;\n',
    );
    expect(await broken()).toEqual([
      "no-sibling-strategy: packages/breaker/src/trip/two.ts -> packages/breaker/src/trip/one.ts",
    ]);
  });

  it("lets a strategy have parts of its own beside it", async () => {
    write("packages/breaker/src/trip/one-part.ts", "export const part = 1;\n");
    write(
      "packages/breaker/src/trip/one.ts",
      'import { part } from "./one-part.ts";\nexport const one = part;\n',
    );
    expect(await broken()).toEqual([]);
  });

  it("finds a port that imports an implementation", async () => {
    write("packages/breaker/src/trip/three.ts", "export type Three = 3;\n");
    write(
      "packages/breaker/src/trip/trip.ts",
      'import type { Three } from "./three.ts";\nexport type Trip = Three;\n',
    );
    expect(await broken()).toEqual([
      "ports-of-trip: packages/breaker/src/trip/trip.ts -> packages/breaker/src/trip/three.ts",
    ]);
  });

  it("finds an arrow that runs up the gateway's floors", async () => {
    addPackage("gateway", ["core"]);
    write("packages/gateway/src/proxy/retry.ts", "export const retry = 1;\n");
    write(
      "packages/gateway/src/http1/body.ts",
      'import { retry } from "../proxy/retry.ts";\nexport const body = retry;\n',
    );
    write(
      "packages/gateway/src/index.ts",
      'export { body } from "./http1/body.ts";\n',
    );
    expect(await broken()).toEqual([
      "floors-of-gateway: packages/gateway/src/http1/body.ts -> packages/gateway/src/proxy/retry.ts",
    ]);
  });

  it("finds a way up through a file that stands on no floor", async () => {
    addPackage("gateway", ["core"]);
    write("packages/gateway/src/index.ts", "export {};\n");
    write("packages/gateway/src/proxy/retry.ts", "export const retry = 1;\n");
    write(
      "packages/gateway/src/stairs.ts",
      'export { retry } from "./proxy/retry.ts";\n',
    );
    write(
      "packages/gateway/src/message.ts",
      'import { retry } from "./stairs.ts";\nexport const x = retry;\n',
    );
    write(
      "packages/gateway/src/routing/route.ts",
      'import { x } from "../message.ts";\nexport const y = x;\n',
    );
    expect(await broken()).toEqual([
      "floors-of-gateway: packages/gateway/src/message.ts -> packages/gateway/src/stairs.ts -> packages/gateway/src/proxy/retry.ts",
    ]);
  });

  it("finds a middleware known outside of config/build", async () => {
    addPackage("gateway", ["core"]);
    write("packages/gateway/src/index.ts", "export {};\n");
    write("packages/gateway/src/middleware/jwt.ts", "export const jwt = 1;\n");
    for (const user of ["config/build", "proxy/forward"])
      write(
        `packages/gateway/src/${user}.ts`,
        'import { jwt } from "../middleware/jwt.ts";\nexport const x = jwt;\n',
      );
    expect(await broken()).toEqual([
      "one-builder: packages/gateway/src/proxy/forward.ts -> packages/gateway/src/middleware/jwt.ts",
    ]);
  });

  it("finds published code that imports a test or tooling", async () => {
    write("packages/core/src/clock.test.ts", "export const t = 1;\n");
    write("tooling/services/src/index.ts", "export const s = 1;\n");
    write(
      "packages/core/src/wrong.ts",
      'import { t } from "./clock.test.ts";\nimport { s } from "../../../tooling/services/src/index.ts";\nexport const x = t + s;\n',
    );
    expect((await broken()).map((line) => line.split(":")[0]).sort()).toEqual([
      "no-test-import",
      "packages-by-name",
      "packages-stand-alone",
    ]);
  });

  it("finds an import that leads nowhere", async () => {
    write("packages/core/src/wrong.ts", 'import "./gone.ts";\n');
    expect(await broken()).toEqual([
      "import-resolves: packages/core/src/wrong.ts -> ./gone.ts",
    ]);
  });
});
