import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, describeProblem } from "../errors.ts";
import { loadConfig, parseConfig } from "./load.ts";
import type { GatewayConfig } from "./types.ts";

const env = { PORT: "8080", MAX: "7", ON: "false", HOST: "127.0.0.1" };
const noFiles = (path: string): string => {
  throw new Error(`no ${path}`);
};

const parse = (text: string, file?: string): GatewayConfig =>
  parseConfig(text, { env, readFile: noFiles, file }).check([]);

/** The lines that `dp-gateway check` would print. */
const problems = (load: () => unknown): string[] => {
  try {
    load();
    return [];
  } catch (error) {
    if (!ConfigError.is(error)) throw error;
    return error.problems.map(describeProblem);
  }
};

describe("a configuration's text", () => {
  it("is YAML or JSON, indented as anyone likes", () => {
    const config = { services: { a: ["http://b"] }, log: { access: false } };
    expect(
      parse("services:\n  a: [http://b]\nlog: { access: false }\n"),
    ).toEqual(config);
    for (const indent of [undefined, 2, "\t"])
      expect(parse(JSON.stringify(config, undefined, indent))).toEqual(config);
  });

  it("is read by YAML 1.2, in which on, yes and 010 are what they look like", () => {
    expect(
      parse(
        "defaults:\n  retry: { attempts: 010, on: [connect, 503] }\nlog: {level: info}",
      ),
    ).toEqual({
      defaults: { retry: { attempts: 10, on: ["connect", 503] } },
      log: { level: "info" },
    });
    expect(problems(() => parse("log: { access: yes }"))).toEqual([
      'log.access: must be true or false, got "yes"',
    ]);
  });

  it("may say a thing once and use it again", () => {
    const text = "services: { a: &all [http://b], c: *all }\nroutes: []";
    expect(parse(text).services).toEqual({ a: ["http://b"], c: ["http://b"] });
  });

  it("has variables in place of texts, and of numbers and switches where no text is allowed", () => {
    expect(
      parse(
        [
          "listen: { http: '${HOST}:${PORT}', admin: \"${PORT}\" }",
          "log:",
          "  access: ${ON}",
          "services:",
          "  a:",
          "    targets: []",
          "    discover: ",
          "    connections: { max: '${MAX}', idle: '${MAX}' }",
        ]
          .filter((line) => !line.includes("discover"))
          .join("\n"),
      ),
    ).toEqual({
      listen: { http: "127.0.0.1:8080", admin: "8080" },
      log: { access: false },
      services: { a: { targets: [], connections: { max: 7, idle: 7 } } },
    });
  });
});

describe("a problem", () => {
  it("stands at the line of its value or, when that is the problem, of its key", () => {
    const text = [
      "servces: {}",
      "services:",
      "  users:",
      "    targets:",
      "      - http://a",
      "      - https://b",
      "    connections: {}",
      "    breaker:",
      "      minimum: -1",
      "routes:",
      "  - path: /a",
      "    to: user",
      "  - path: /a",
      "    to: users",
      "    extra: 1",
      "  - to: users",
    ].join("\n");
    expect(
      problems(() => parse(text, "g.yaml")).map((problem) =>
        problem.replace(/: .*/, ""),
      ),
    ).toEqual([
      "g.yaml:1:1 servces",
      "g.yaml:6:9 services.users.targets[1]",
      "g.yaml:9:16 services.users.breaker.minimum",
      "g.yaml:12:9 routes[0].to",
      "g.yaml:13:5 routes[1]",
      "g.yaml:15:5 routes[1].extra",
      "g.yaml:16:5 routes[2].path",
    ]);
  });

  it("of a value used again stands where it is used", () => {
    const text = "services: { a: [http://b] }\nx: &t 5x\nclients:\n  idle: *t";
    expect(problems(() => parse(text, "g.yaml"))[1]).toMatch(
      /^g\.yaml:4:9 clients\.idle/,
    );
  });

  it("is a key given twice, told with all others", () => {
    expect(
      problems(() => parse("log: {}\nlog: { level: x }\nfoo: 1", "g.yaml")),
    ).toEqual([
      'g.yaml:2:1: has the key "log" twice',
      expect.stringMatching(/^g\.yaml:2:15 log\.level/),
      expect.stringMatching(/^g\.yaml:3:1 foo: is unknown/),
    ]);
  });

  it("is a variable or file that is not there, told once and with all others", () => {
    const text = "listen: { http: '${NONE}' }\ntrust: ['file:x', y]";
    expect(problems(() => parse(text))).toEqual([
      'listen.http: must name environment variables that are set: "NONE" is not',
      "trust[0]: must name a readable file: no x",
      expect.stringMatching(/^trust\[1\]: must be a CIDR/),
    ]);
  });

  it("is told once where a variable that is missing would have been a number", () => {
    const text =
      "services: { a: { targets: [], connections: { max: '${NONE}' } } }";
    expect(problems(() => parse(text))).toEqual([
      expect.stringMatching(/"NONE" is not$/),
    ]);
  });

  it("is a text put together from variables where a number is asked for", () => {
    const text =
      "services: { a: { targets: [], connections: { max: '1${MAX}' } } }";
    expect(problems(() => parse(text))).toEqual([
      expect.stringMatching(
        /max: must be an integer from 1 to 65535, got "17"$/,
      ),
    ]);
  });

  it("is told of an empty file and of one that is no map", () => {
    for (const text of ["", "# nothing\n", "- a", "5"])
      expect(problems(() => parse(text))).toEqual([
        expect.stringMatching(/^must be a gateway configuration/),
      ]);
  });
});

describe("a text that is no YAML", () => {
  it.each([
    ["an open bracket", "a: [1\nb: 2", /^g:2:1: is not valid YAML: /],
    ["two documents", "a: 1\n---\nb: 1", /^g:2:1: .*multiple documents/],
    ["a tag nobody knows", "log: !x {}", /Unresolved tag/],
    ["an alias without an anchor", "log: *x", /Unresolved alias/],
    ["a variable in braces", "log: { level: ${X} }", /in quotes$/],
    [
      "aliases of aliases of aliases",
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]",
      /alias/i,
    ],
    ["brackets without end", "[".repeat(50_000), /is not valid YAML/],
    ["too long", "#".repeat(1024 * 1024 + 1), /at most 1048576 characters/],
  ])("%s is refused with its place", (_, text, expected) => {
    const found = problems(() => parse(text, "g"));
    expect(found[0]).toMatch(expected);
    expect(found.length).toBeLessThanOrEqual(20);
  });

  it("that contains itself is refused, not read for ever", () => {
    expect(problems(() => parse("routes: &r [*r, { path: *r }]"))).not.toEqual(
      [],
    );
    const text =
      "services: { a: [] }\nroutes: [{ path: /, to: a, use: [{ m: &m { m: *m, n: *m } }] }]";
    expect(problems(() => parse(text))).toHaveLength(1);
  });

  it("does not reach the prototype of objects", () => {
    expect(problems(() => parse("__proto__: { listen: {} }"))).toEqual([
      expect.stringMatching(/^__proto__: is unknown/),
    ]);
    expect(problems(() => parse("services: { __proto__: [] }"))).toEqual([
      expect.stringMatching(/^services\.__proto__: must be a name/),
    ]);
  });
});

describe("a configuration file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "dp-config-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("finds its files beside it", () => {
    write("key.sha256", `${"ab".repeat(32)}\n`);
    const path = write(
      "g.yaml",
      "auth: { k: { apiKey: { keys: [{ id: a, sha256: 'file:./key.sha256' }] } } }",
    );
    expect(loadConfig(path, env).check([]).auth?.["k"]?.apiKey.keys).toEqual([
      { id: "a", sha256: "ab".repeat(32) },
    ]);
  });

  it("does not show what a wrong file holds in place of a digest", () => {
    write("password", "hunter2");
    const path = write(
      "p.yaml",
      "auth: { k: { apiKey: { keys: [{ id: a, sha256: 'file:password' }] } } }",
    );
    const found = problems(() => loadConfig(path, env).check([]));
    expect(found).toHaveLength(1);
    expect(found[0]).not.toContain("hunter2");
  });

  it("is refused when it, or a file it names, cannot be read or is too long", () => {
    expect(
      problems(() => loadConfig(join(folder, "none.yaml"), env))[0],
    ).toMatch(/none\.yaml: cannot be read: ENOENT/);
    expect(problems(() => loadConfig(folder, env))[0]).toMatch(
      /cannot be read/,
    );
    write("long", "x".repeat(64 * 1024 + 1));
    const path = write("l.yaml", "listen: { http: 'file:long' }");
    expect(problems(() => loadConfig(path, env).check([]))[0]).toMatch(
      /l\.yaml:1:17 listen\.http: must name a readable file: .* more than 65536 bytes/,
    );
  });

  it("names its modules before it is checked", () => {
    expect(
      parseConfig("modules: [./a.js, 5]\nlog: 1", { env, readFile: noFiles })
        .modules,
    ).toEqual(["./a.js"]);
  });
});
