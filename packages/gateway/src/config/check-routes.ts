import { parsePathPattern } from "../routing/path-pattern.ts";
import { findConflicts } from "../routing/route-conflicts.ts";
import { compileRoutes, describeConflict } from "../routing/route-table.ts";
import type { RouteRule } from "../routing/route.ts";
import { quote, type ConfigPath, type Finding } from "./finding.ts";
import type { Loose } from "./loose.ts";
import { nearestName } from "./nearest-name.ts";
import { parseHostPattern } from "./parse-address.ts";
import { resolveConditions } from "./resolve-conditions.ts";
import { resolveLimit } from "./resolve-policies.ts";
import type { GatewayConfig, RouteConfig } from "./types.ts";

/** Names that routes may use; undefined when they could not be read. */
export interface KnownNames {
  readonly services: readonly string[] | undefined;
  readonly auth: readonly string[] | undefined;
}

/** What the schema cannot say about routes: names that exist, patterns that can match, no two routes for the same. */
export const checkRoutes = (
  routes: Loose<GatewayConfig["routes"]>,
  known: KnownNames,
): Finding[] => {
  const findings: Finding[] = [];
  const sound: {
    readonly index: number;
    readonly rule: RouteRule<undefined>;
  }[] = [];
  for (const [index, route] of (routes ?? []).entries()) {
    if (route === undefined) continue;
    const at = ["routes", index];
    const conditions = checkConditions(route, at);
    findings.push(
      ...conditions,
      ...checkTo(route.to, known.services, [...at, "to"]),
      ...checkAuthName(route, known.auth, at),
    );
    if (conditions.length === 0 && isWhole(route))
      sound.push({
        index,
        rule: { ...resolveConditions(route), value: undefined },
      });
  }
  findings.push(...checkGlobalLimits(routes));
  const place = (index: number): number => sound[index]?.index ?? 0;
  const rules = sound.map(({ rule }) => rule);
  for (const conflict of findConflicts(compileRoutes(rules).compiled))
    findings.push({
      at: ["routes", place(conflict.index)],
      message: describeConflict(
        conflict,
        rules,
        (other) => `routes[${place(other)}]`,
      ),
    });
  return findings;
};

type WholeRoute = Pick<RouteConfig, "path" | "host" | "methods" | "match">;

const conditionKeys = ["host", "methods", "match"] as const;

/** Whether no condition was taken out as faulty: what is left would say something else. */
const isWhole = (route: Loose<RouteConfig>): route is WholeRoute =>
  route.path !== undefined &&
  conditionKeys.every((key) => !(key in route) || hasNoHole(route[key]));

const hasNoHole = (part: unknown): boolean =>
  typeof part === "object" && part !== null
    ? Object.values(part).every(hasNoHole)
    : part !== undefined;

const checkConditions = (
  route: Loose<RouteConfig>,
  at: ConfigPath,
): Finding[] => {
  const findings: Finding[] = [];
  if (route.path !== undefined) {
    const pattern = parsePathPattern(route.path);
    if (pattern.kind === "fault")
      findings.push({
        at: [...at, "path"],
        message: `${pattern.reason}, got ${quote(route.path)}`,
      });
  }
  if (route.host !== undefined) {
    const host = parseHostPattern(route.host);
    if (typeof host === "string")
      findings.push({ at: [...at, "host"], message: host });
  }
  const seen = new Set<string>();
  for (const name of Object.keys(route.match?.headers ?? {})) {
    if (seen.has(name.toLowerCase()))
      findings.push({
        at: [...at, "match", "headers", name],
        key: true,
        message: "must not be given twice: case does not matter",
      });
    seen.add(name.toLowerCase());
  }
  return findings;
};

const checkTo = (
  to: Loose<RouteConfig["to"]> | undefined,
  services: readonly string[] | undefined,
  at: ConfigPath,
): Finding[] => {
  if (to === undefined) return [];
  if (typeof to === "string") return checkName("service", to, services, at);
  const findings = Object.keys(to).flatMap((name) =>
    checkName("service", name, services, [...at, name], true),
  );
  if (Object.values(to).every((weight) => weight === 0))
    findings.push({ at, message: "must have a weight above 0" });
  return findings;
};

const checkAuthName = (
  route: Loose<RouteConfig>,
  known: readonly string[] | undefined,
  at: ConfigPath,
): Finding[] => {
  if (route.auth !== undefined)
    return checkName("auth", route.auth, known, [...at, "auth"]);
  return route.limit?.by === "auth.id" && !("auth" in route)
    ? [
        {
          at: [...at, "limit", "by"],
          message: "must not be auth.id on a route without auth",
        },
      ]
    : [];
};

/** One bucket cannot fill at two rates. */
const checkGlobalLimits = (
  routes: Loose<GatewayConfig["routes"]>,
): Finding[] => {
  const findings: Finding[] = [];
  let first: { readonly text: string; readonly index: number } | undefined;
  for (const [index, route] of (routes ?? []).entries()) {
    const { rate, burst, by } = route?.limit ?? {};
    if (by !== "global" || rate === undefined) continue;
    const limit = resolveLimit({ rate, burst, by });
    const text = `${limit.limit} in ${limit.perMs} ms, burst ${limit.burst}`;
    first ??= { text, index };
    if (text !== first.text)
      findings.push({
        at: ["routes", index, "limit"],
        message: `must be that of routes[${first.index}] (${first.text}), because global is one bucket for both, got ${text}`,
      });
  }
  return findings;
};

const checkName = (
  kind: string,
  name: string,
  known: readonly string[] | undefined,
  at: ConfigPath,
  key = false,
): Finding[] =>
  known === undefined || known.includes(name)
    ? []
    : [
        {
          at,
          key,
          message: `must be a known ${kind}${known.length === 0 ? " (there is none)" : `: ${known.join(", ")}`}, got ${quote(name)}`,
          nearest: nearestName(name, known),
        },
      ];
