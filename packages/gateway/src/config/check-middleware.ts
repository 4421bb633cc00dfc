import { quote, type ConfigPath, type Finding } from "./finding.ts";
import type { Loose } from "./loose.ts";
import { nearestName } from "./nearest-name.ts";
import type { ResolvedUse } from "./resolved.ts";
import type { GatewayConfig, UseConfig } from "./types.ts";
import { validateOptions } from "./validate.ts";

/** What is known of a middleware here: its name and the JSON Schema 2020-12 of its options. */
export interface MiddlewareSchema {
  readonly name: string;
  readonly options: object;
}

/** Middlewares that are unknown or whose options are refused by their own schema, in `defaults` and in routes. */
export const checkMiddleware = (
  config: Loose<GatewayConfig>,
  known: readonly MiddlewareSchema[],
): Finding[] => [
  ...checkUses(config.defaults?.use, known, ["defaults", "use"]),
  ...(config.routes ?? []).flatMap((route, index) =>
    checkUses(route?.use, known, ["routes", index, "use"]),
  ),
];

const checkUses = (
  uses: Loose<readonly UseConfig[]> | undefined,
  known: readonly MiddlewareSchema[],
  at: ConfigPath,
): Finding[] =>
  (uses ?? []).flatMap((use, index) =>
    Object.entries(use ?? {}).flatMap(([name, options]) =>
      options === undefined
        ? []
        : checkUse(name, options, known, [...at, index, name]),
    ),
  );

const checkUse = (
  name: string,
  options: Readonly<Record<string, unknown>>,
  known: readonly MiddlewareSchema[],
  at: ConfigPath,
): readonly Finding[] => {
  const middleware = known.find((each) => each.name === name);
  if (middleware === undefined) {
    const names = known.map((each) => each.name);
    return [
      {
        at,
        key: true,
        message: `must be a known middleware${names.length === 0 ? " (there is none)" : `: ${names.join(", ")}`}, got ${quote(name)}`,
        nearest: nearestName(name, names),
      },
    ];
  }
  try {
    return validateOptions(middleware.options, options, at).findings;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      {
        at,
        key: true,
        message: `cannot be checked: the middleware's own options schema is no valid JSON Schema (${why})`,
      },
    ];
  }
};

/** The middlewares of a checked configuration, with the defaults of their schemas filled in. */
export const resolveUses = (
  uses: readonly UseConfig[] | undefined,
  known: readonly MiddlewareSchema[],
): ResolvedUse[] =>
  (uses ?? []).flatMap((use) =>
    Object.entries(use).map(([name, options]) => ({
      name,
      options: validateOptions(
        known.find((each) => each.name === name)?.options ?? {},
        options,
        [],
      ).options,
    })),
  );
