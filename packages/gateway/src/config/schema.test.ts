import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { objectSchema, type Schema } from "./json-schema.ts";
import { resolveConfig } from "./resolve.ts";
import { gatewaySchema } from "./schema.ts";
import type { GatewayConfig, ListenConfig } from "./types.ts";

interface Part {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly additionalProperties?: boolean | Part;
  readonly items?: Part;
}

/** Each key of an object with its schema and where it stands. */
const keysOf = (part: Part, at = ""): [at: string, key: Part][] => [
  ...Object.entries(part.properties ?? {}).flatMap(
    ([name, below]): [string, Part][] => [
      [`${at}.${name}`, below],
      ...keysOf(below, `${at}.${name}`),
    ],
  ),
  ...(typeof part.additionalProperties === "object"
    ? keysOf(part.additionalProperties, `${at}.*`)
    : []),
  ...(part.items === undefined ? [] : keysOf(part.items, `${at}[]`)),
];

const keys = new Map(keysOf(gatewaySchema));

describe("the schema", () => {
  it("is a valid JSON Schema 2020-12 that ajv takes in strict mode", () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    expect(ajv.validateSchema(gatewaySchema)).toBe(true);
    expect(() => ajv.compile(gatewaySchema)).not.toThrow();
  });

  it("survives JSON, as a file that editors load", () => {
    expect(JSON.parse(JSON.stringify(gatewaySchema))).toEqual(gatewaySchema);
  });

  it("describes every key", () => {
    const undescribed = [...keys]
      .filter(([, { description, title }]) => !description && !title)
      .map(([at]) => at);
    expect(keys.size).toBeGreaterThan(60);
    expect(undescribed).toEqual([]);
  });

  it("has an example in the default of each key, and the same default as the resolved configuration", () => {
    const filled = (part: Part): unknown => {
      if (part.default !== undefined && part.default !== true)
        return part.default;
      return Object.fromEntries(
        Object.entries(part.properties ?? {})
          .map(([name, below]) => [name, filled(below)] as const)
          .filter(
            ([, value]) =>
              typeof value !== "object" ||
              Array.isArray(value) ||
              Object.keys(value as object).length > 0,
          ),
      );
    };
    const base = {
      services: { s: { targets: [] } },
      auth: { k: { apiKey: { keys: [{ id: "a", sha256: "a".repeat(64) }] } } },
      routes: [{ path: "/**", to: "s", limit: { rate: "5/s" } }],
    } as const satisfies GatewayConfig;
    const part = (at: string): object => {
      const found = keys.get(at);
      if (found === undefined) throw new Error(`no ${at}`);
      return filled(found) as object;
    };
    const spelledOut = {
      listen: part(".listen"),
      registry: keys.get(".registry")?.default,
      store: keys.get(".store")?.default,
      clients: part(".clients"),
      drain: part(".drain"),
      log: part(".log"),
      defaults: part(".defaults"),
      services: {
        s: {
          targets: [],
          balance: keys.get(".services.*.balance")?.default,
          eject: part(".services.*.eject"),
          breaker: part(".services.*.breaker"),
          connections: part(".services.*.connections"),
        },
      },
      auth: {
        k: {
          apiKey: { ...base.auth.k.apiKey, ...part(".auth.*.apiKey") },
        },
      },
      routes: [
        {
          ...base.routes[0],
          limit: { rate: "5/s", ...part(".routes[].limit") },
          timeout: part(".routes[].timeout"),
          retry: part(".routes[].retry"),
          body: part(".routes[].body"),
        },
      ],
    } as GatewayConfig;
    expect(Object.keys(spelledOut.services?.["s"] ?? {})).toHaveLength(5);
    expect(resolveConfig(spelledOut)).toEqual(resolveConfig(base));
  });
});

describe("an object's schema and its type", () => {
  const port: Schema<string | number> = { type: ["string", "integer"] };

  it("agree, or do not compile", () => {
    // @ts-expect-error a key of the type is missing
    objectSchema<ListenConfig>("", { http: port }, {});
    // @ts-expect-error a key is not in the type
    objectSchema<ListenConfig>("", { http: port, admin: port, x: port }, {});
    // @ts-expect-error a required key is not named
    objectSchema<{ a: string; b?: string }>("", { a: {}, b: {} }, {});
    objectSchema<{ a: string; b?: string }>(
      "",
      { a: {}, b: {} },
      // @ts-expect-error an optional key is named as required
      { a: true, b: true },
    );
    const text: Schema<string> = { type: "string", default: "x" };
    // @ts-expect-error the schema is of another type
    objectSchema<{ a: number }>("", { a: text }, { a: true });
    expect(
      objectSchema<{ a: string; b?: string }>(
        "d",
        { a: text, b: text },
        { a: true },
      ),
    ).toEqual({
      type: "object",
      description: "d",
      additionalProperties: false,
      required: ["a"],
      properties: { a: text, b: text },
    });
  });
});
