import { quote, type Finding } from "./finding.ts";
import type { Loose } from "./loose.ts";
import { parseTarget } from "./parse-address.ts";
import type { GatewayConfig } from "./types.ts";

/** What the schema cannot say about services: instances from exactly one source, each a usable address, none twice. */
export const checkServices = (
  services: Loose<GatewayConfig["services"]>,
): Finding[] => {
  const findings: Finding[] = [];
  for (const [name, service] of Object.entries(services ?? {})) {
    if (service === undefined) continue;
    const at = ["services", name];
    if (isList(service)) {
      findings.push(...checkTargets(service, at));
      continue;
    }
    const { targets, discover } = service;
    if ("targets" in service && "discover" in service) {
      if (targets !== undefined && discover !== undefined)
        findings.push({
          at: [...at, "discover"],
          key: true,
          message: "must not be given beside targets: choose one",
        });
    } else if (!("targets" in service) && !("discover" in service))
      findings.push({
        at,
        key: true,
        message: "must have targets or discover",
      });
    findings.push(...checkTargets(targets ?? [], [...at, "targets"]));
  }
  return findings;
};

const isList = (value: object): value is readonly (string | undefined)[] =>
  Array.isArray(value);

const checkTargets = (
  targets: readonly (string | undefined)[],
  at: readonly string[],
): Finding[] => {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [index, text] of targets.entries()) {
    if (text === undefined) continue;
    const target = parseTarget(text);
    if (typeof target === "string")
      findings.push({ at: [...at, index], message: target });
    else if (seen.has(target.id))
      findings.push({
        at: [...at, index],
        message: `must not be in the list twice, got ${quote(text)}`,
      });
    else seen.add(target.id);
  }
  return findings;
};
