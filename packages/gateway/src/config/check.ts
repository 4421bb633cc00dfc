import { checkAuth } from "./check-auth.ts";
import { checkMiddleware, type MiddlewareSchema } from "./check-middleware.ts";
import { checkRoutes } from "./check-routes.ts";
import { checkServices } from "./check-services.ts";
import type { Finding } from "./finding.ts";
import { withoutFaults, type Loose } from "./loose.ts";
import { parseCidr, parseListenAddress } from "./parse-address.ts";
import type { GatewayConfig } from "./types.ts";
import { validateConfig } from "./validate.ts";

/**
 * Everything wrong with a configuration, in one go: what the schema refuses, and, in all that it does not, what only
 * the whole can tell. None means that `value` is a {@link GatewayConfig} that can be resolved.
 */
export const checkConfig = (
  value: unknown,
  middleware: readonly MiddlewareSchema[],
  known: readonly Finding[] = [],
): readonly Finding[] => {
  const faults = [...known];
  const places = new Set(known.map(({ at }) => JSON.stringify(at)));
  for (const finding of validateConfig(value))
    if (!places.has(JSON.stringify(finding.at))) faults.push(finding);
  const config = withoutFaults<GatewayConfig>(value, faults);
  if (config === undefined) return faults;
  return [
    ...faults,
    ...checkListen(config.listen),
    ...checkTrust(config.trust),
    ...checkServices(config.services),
    ...checkAuth(config.auth),
    ...checkRoutes(config.routes, {
      services: namesOf(config, "services"),
      auth: namesOf(config, "auth"),
    }),
    ...checkMiddleware(config, middleware),
  ];
};

/** None when nothing was said, undefined when what was said is refused. */
const namesOf = (
  config: Loose<GatewayConfig>,
  key: "services" | "auth",
): readonly string[] | undefined =>
  key in config ? config[key] && Object.keys(config[key]) : [];

const checkListen = (listen: Loose<GatewayConfig["listen"]>): Finding[] => {
  const findings: Finding[] = [];
  const taken = new Set<string>();
  for (const name of ["http", "admin"] as const) {
    const value = listen?.[name];
    if (value === undefined) continue;
    const at = ["listen", name];
    const address = parseListenAddress(value, undefined);
    if (typeof address === "string") {
      findings.push({ at, message: address });
      continue;
    }
    const text = `${address.host ?? ""}:${address.port}`;
    if (address.port !== 0 && taken.has(text))
      findings.push({ at, message: "must not be the address of http too" });
    taken.add(text);
  }
  return findings;
};

const checkTrust = (trust: Loose<GatewayConfig["trust"]>): Finding[] =>
  (trust ?? []).flatMap((text, index) => {
    const cidr = text === undefined ? undefined : parseCidr(text);
    return typeof cidr === "string"
      ? [{ at: ["trust", index], message: cidr }]
      : [];
  });
