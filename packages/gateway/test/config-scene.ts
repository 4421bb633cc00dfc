import { expect } from "vitest";
import { resolveConfig } from "../src/config/resolve.ts";
import type { GatewayConfig } from "../src/config/types.ts";
import { ConfigError, describeProblem } from "../src/errors.ts";

const middleware = [
  {
    name: "tag",
    options: {
      type: "object",
      additionalProperties: false,
      properties: { value: { type: "string" } },
    },
  },
  { name: "broken", options: { type: "nonsense" } },
];

/** Every problem of a configuration, as people read it. */
export const problems = (config: unknown): string[] => {
  try {
    resolveConfig(config as GatewayConfig, { middleware });
    return [];
  } catch (error) {
    if (!ConfigError.is(error)) throw error;
    return error.problems.map(describeProblem);
  }
};

export const base: {
  readonly services: object;
  readonly auth: { readonly partners: object };
} = {
  services: { users: ["http://127.0.0.1:3001"], orders: { targets: [] } },
  auth: {
    partners: { apiKey: { keys: [{ id: "acme", sha256: "a".repeat(64) }] } },
  },
};
export const routes = (...list: object[]): object => ({
  ...base,
  routes: list.map((route, index) => ({
    path: `/${index}`,
    to: "users",
    ...route,
  })),
});

export const expectOnly = (
  config: unknown,
  expected: RegExp | string,
): void => {
  const found = problems(config);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(expected);
};
