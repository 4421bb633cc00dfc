import { createHash } from "node:crypto";
import type { ResolvedAuth } from "../config/resolved.ts";
import type { Problem } from "../problem.ts";
import type { Guard } from "./guard.ts";

const refusal = (header: string, detail: string): Problem => ({
  status: 401,
  error: "http_request_denied",
  detail,
  fields: `www-authenticate: ApiKey header="${header}"\r\n`,
});

/**
 * Lets a request pass that carries a known key, and gives it the key's id. The key itself stays here.
 *
 * Keys are known by their SHA-256 alone. Looking a digest up takes a time that depends on the digest, which tells an
 * attacker nothing: he cannot choose keys by their digests' beginnings.
 */
export const apiKey = (auth: ResolvedAuth): Guard => {
  const { header } = auth.apiKey;
  const ids = new Map(auth.apiKey.keys.map(({ id, sha256 }) => [sha256, id]));
  const missing = refusal(header, `The request carries no ${header}.`);
  const unknown = refusal(header, `The key in ${header} is not known.`);
  return (request) => {
    const key = request.header(header);
    if (key === undefined) return missing;
    // Header text is latin1; a key outside ASCII was sent as UTF-8 bytes, which this puts back.
    const digest = createHash("sha256").update(key, "latin1").digest("hex");
    const id = ids.get(digest);
    if (id === undefined) return unknown;
    request.authId = id;
    request.withhold(header);
    for (const { header: name } of auth.forward) request.forward(name, id);
    return undefined;
  };
};
