import type { GatewayConfig } from "./types.ts";

/** What stands in place of a secret. */
export const redacted = "(redacted)";

/**
 * A copy of a configuration without its secrets, for people and logs: digests of keys are left out, because a short
 * key can be guessed from its digest. Ids stay. Options of middlewares are theirs to keep secret; every text in them
 * is left out.
 */
export const redactConfig = (config: GatewayConfig): unknown =>
  redactPart(config, false);

const redactPart = (part: unknown, secret: boolean): unknown => {
  if (Array.isArray(part)) return part.map((item) => redactPart(item, secret));
  if (typeof part === "object" && part !== null)
    return Object.fromEntries(
      Object.entries(part).map(([key, item]) => [
        key,
        redactPart(item, secret || key === "sha256" || key === "use"),
      ]),
    );
  return secret && typeof part === "string" ? redacted : part;
};
