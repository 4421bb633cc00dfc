import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { badFile, lineAt, type Document } from "./document.ts";
import { readJson } from "./json-document.ts";
import { listedServices } from "./listed-services.ts";
import { readYaml } from "./yaml-document.ts";

/** The failure as a person reads it. */
const faultOf = async (
  read: () => Document | Promise<Document>,
): Promise<string> => {
  try {
    listedServices(await read());
  } catch (error) {
    return badFile("f", error).message.replace("DP_BAD_FILE: ", "");
  }
  return "nothing";
};
const json = (text: string) => faultOf(() => readJson(text));
const yaml = (text: string) => faultOf(() => readYaml(text));

describe("a JSON text", () => {
  it("has the value that JSON.parse gives, and every part its line", () => {
    const valueAt = (value: unknown, path: (string | number)[]): unknown =>
      path.reduce<unknown>(
        (held, step) => (held as Record<string, unknown>)[step],
        value,
      );
    const pathsOf = (value: unknown): (string | number)[][] =>
      typeof value !== "object" || value === null
        ? [[]]
        : [
            [],
            ...Object.entries(value).flatMap(([key, below]) =>
              pathsOf(below).map((path) => [
                Array.isArray(value) ? Number(key) : key,
                ...path,
              ]),
            ),
          ];
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom(undefined, 2, "\t"),
        (value, indent) => {
          const text = JSON.stringify(value, undefined, indent);
          const document = readJson(text);
          expect(document.value).toEqual(JSON.parse(text));
          const lines = text.split("\n");
          for (const path of pathsOf(document.value)) {
            const line = lines[document.lineOf(path, false) - 1] ?? "";
            const part = JSON.stringify(valueAt(document.value, path));
            // Indented, each part starts on a line of its own that shows its first character.
            expect(line).toContain(part[0]);
          }
        },
      ),
    );
  });

  it("is accepted exactly when JSON.parse accepts it", () => {
    const parses = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const scans = (text: string): boolean => {
      try {
        readJson(text);
        return true;
      } catch {
        return false;
      }
    };
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"b\\n"',
      "\\",
      "u00e9",
      "1",
      "-0.5e3",
      "01",
      "true",
      "null",
      " ",
      "\n",
      '"',
      "x",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const text = pieces.join("");
        const isTwice = /"a"\s*:.*"a"\s*:/s.test(text);
        if (!isTwice) expect(scans(text)).toBe(parses(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("that is none is refused with the line where it stops to be one", async () => {
    expect(await json('{\n  "services": {\n')).toBe(
      "f:3: is not valid JSON: it ends too early",
    );
    expect(await json('{\n  "services": {\n    a: []\n} }')).toMatch(
      /^f:3: is not valid JSON: "a: \[\]/,
    );
    expect(await json('{"services": {}}\n]')).toMatch(
      /^f:2: is not valid JSON/,
    );
    expect(await json('{"services":{"a":["b:1",]}}')).toMatch(/^f:1: is not/);
  });

  it("that gives a key twice is refused: one of the two would be lost", async () => {
    expect(await json('{"services": {\n"a": [],\n"b": [],\n"a": []}}')).toBe(
      'f:4: has the key "a" twice',
    );
  });
});

describe("a YAML text", () => {
  it("that is none, or gives a key twice, is refused with the line", async () => {
    expect(await yaml("services:\n  a: [")).toMatch(/^f:2: is not valid YAML/);
    expect(await yaml("services:\n  a: []\n  a: []")).toMatch(
      /^f:3: is not valid YAML: .*unique/,
    );
  });

  it("cannot be read without its package, and says what to install", async () => {
    const { importYaml } = await import("./yaml-document.ts");
    const missing = () => Promise.reject(new Error("not found"));
    await expect(importYaml(missing)).rejects.toThrow(
      /^DP_MISSING_PACKAGE: .*npm install yaml/,
    );
  });
});

describe("listed services", () => {
  it("are instances with all their parts, or short texts, in JSON and YAML alike", async () => {
    const value = {
      services: {
        users: [
          {
            host: "h",
            port: 1,
            id: "one",
            weight: 2,
            priority: 3,
            zone: "z",
            metadata: { a: [1] },
            state: "draining",
          },
          "10.0.0.2:8080",
          "[fd00::1]:80",
        ],
        empty: [],
      },
    };
    const text = JSON.stringify(value, undefined, 2);
    const services = listedServices(readJson(text));
    expect(services).toEqual(listedServices(await readYaml(text)));
    expect([...services.keys()]).toEqual(["users", "empty"]);
    expect([...services.get("users")!.values()]).toEqual([
      {
        service: "users",
        revision: 1n,
        ...(value.services.users[0] as object),
      },
      expect.objectContaining({ id: "10.0.0.2:8080", weight: 1, priority: 0 }),
      expect.objectContaining({ id: "[fd00::1]:80", host: "fd00::1" }),
    ]);
  });

  it("are refused as a whole for one wrong part, with path, line and what would be right", async () => {
    const file = (...lines: string[]): string =>
      `{"services":\n{"a b":\n[\n${lines.join(",\n")}\n]}}`;
    const refused: [string, string][] = [
      ["[]", "f:1: must be an object"],
      ["{}", "f:1: services must be an object"],
      ['{"services":{},\n"x":1}', "f:2: x is unknown; known: services"],
      ['{"services":\n{"":[]}}', 'f:2: services[""] must have a name'],
      ['{"services":{"a":{}}}', "f:1: services.a must be a list of instances"],
      [file('"h:1"', "7"), 'f:5: services["a b"][1] must be an object'],
      [
        file('"http://h:1"'),
        'f:4: services["a b"][0] must be an object or a text like "host:port"',
      ],
      [
        file('"h:0"'),
        'f:4: services["a b"][0].port must be an integer from 1 to 65535',
      ],
      [
        file('{"host":"h",\n"port":"80"}'),
        'f:5: services["a b"][0].port must be an integer from 1 to 65535',
      ],
      [
        file('{"host":"h",\n"prot":80}'),
        'f:5: services["a b"][0].prot is unknown; known: host, port, id, weight, priority, zone, metadata, state',
      ],
      [
        file('{"host":"h","port":80,"state":"down"}'),
        'f:4: services["a b"][0].state must be serving or draining',
      ],
      [
        file('"h:1"', '"h:1"'),
        'f:5: services["a b"][1] has the id h:1 a second time',
      ],
    ];
    for (const [text, message] of refused) {
      expect(await json(text)).toBe(message);
      expect(await yaml(text)).toBe(message);
    }
  });
});

describe("a line", () => {
  it("counts the ends of lines before an offset", () => {
    expect([0, 1, 2, 3, 4].map((offset) => lineAt("a\n\nb", offset))).toEqual([
      1, 1, 2, 3, 3,
    ]);
  });
});
