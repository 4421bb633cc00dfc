import { quote, type Finding } from "./finding.ts";
import type { Loose } from "./loose.ts";
import type { AuthConfig, GatewayConfig } from "./types.ts";

// SHA-256 of no bytes: what a script gives for a variable that is not set.
const emptyDigest =
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Fields that frame a message or that the gateway sets itself. */
const reserved = new Set([
  "connection",
  "content-length",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "traceparent",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-request-id",
]);

/** What the schema cannot say about auth: no id or key twice, no empty key, no field that is the gateway's own. */
export const checkAuth = (auth: Loose<GatewayConfig["auth"]>): Finding[] => {
  const findings: Finding[] = [];
  for (const [name, entry] of Object.entries(auth ?? {})) {
    if (entry === undefined) continue;
    findings.push(...checkKeys(entry, ["auth", name, "apiKey"]));
    const fields = new Set<string>();
    for (const header of Object.keys(entry.forward ?? {})) {
      const at = ["auth", name, "forward", header];
      const lower = header.toLowerCase();
      if (reserved.has(lower))
        findings.push({ at, key: true, message: ownField });
      else if (fields.has(lower))
        findings.push({
          at,
          key: true,
          message: "must not be given twice: case does not matter",
        });
      fields.add(lower);
    }
  }
  return findings;
};

const ownField = "must not be a header that the gateway sets itself";

const checkKeys = (
  entry: Loose<AuthConfig>,
  at: readonly string[],
): Finding[] => {
  const findings: Finding[] = [];
  const { header, keys } = entry.apiKey ?? {};
  if (header !== undefined && reserved.has(header.toLowerCase()))
    findings.push({ at: [...at, "header"], message: ownField });
  const ids = new Set<string>();
  const digests = new Set<string>();
  for (const [index, key] of (keys ?? []).entries()) {
    const place = [...at, "keys", index];
    const id = key?.id;
    if (id !== undefined && ids.has(id))
      findings.push({
        at: [...place, "id"],
        message: `must not be given twice, got ${quote(id)}`,
      });
    if (id !== undefined) ids.add(id);
    const sha256 = key?.sha256?.toLowerCase();
    if (sha256 === undefined) continue;
    if (sha256 === emptyDigest)
      findings.push({
        at: [...place, "sha256"],
        message: "must not be the digest of an empty key",
      });
    else if (digests.has(sha256))
      findings.push({
        at: [...place, "sha256"],
        message: "must not be the digest of another client's key",
      });
    digests.add(sha256);
  }
  return findings;
};
