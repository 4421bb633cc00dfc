import {
  InvalidOptionError,
  requireDuration,
  requireText,
  systemClock,
  systemRandom,
  type Clock,
  type Duration,
  type Random,
} from "@dp/core";
import type { RegistryOptions } from "../../remote/registry-options.ts";
import { Failures } from "../../remote/failures.ts";
import type { TlsOptions } from "../../remote/json-http.ts";
import { requireSecret, withoutCredentials } from "../../remote/secret.ts";
import { requireWellFormed } from "../../well-formed.ts";

export interface EtcdRegistryOptions extends RegistryOptions {
  /** URLs of the members, as `http://10.0.0.1:2379`; the next one is used when one fails. */
  readonly endpoints: readonly string[];
  /** Where instances are kept: `<prefix>/<service>/<id>`. @defaultValue "/dp/discovery" */
  readonly prefix?: string | undefined;
  /** A user of etcd's own authentication. @defaultValue none */
  readonly auth?:
    { readonly username: string; readonly password: string } | undefined;
  /** For `https:` endpoints. @defaultValue what Node trusts */
  readonly tls?: TlsOptions | undefined;
  /**
   * A watch that hears nothing for so long, not even the answer to a question of its own, is stale; so is one that
   * cannot be opened within it. Also the limit of each single exchange. At least 100 ms. @defaultValue 5s
   */
  readonly detect?: Duration | undefined;
}

export interface ResolvedEtcdOptions {
  readonly endpoints: readonly URL[];
  readonly prefix: string;
  readonly auth:
    { readonly username: string; readonly password: string } | undefined;
  readonly tls: TlsOptions | undefined;
  readonly detectMs: number;
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly failures: Failures;
}

const endpointsBound = "http:// or https:// URLs, at least one";

const refusal = (value: unknown): InvalidOptionError =>
  new InvalidOptionError(
    "endpoints",
    withoutCredentials(value),
    endpointsBound,
  );

const requireEndpoint = (value: unknown): URL => {
  if (typeof value !== "string" || !URL.canParse(value)) throw refusal(value);
  // Paths are resolved below it.
  const url = new URL(value.endsWith("/") ? value : `${value}/`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw refusal(value);
  return url;
};

/** Throws `InvalidOptionError` for a bad value. */
export const resolveEtcdOptions = (
  options: EtcdRegistryOptions,
): ResolvedEtcdOptions => {
  const { endpoints, prefix, auth, onError } = options;
  const urls = Array.isArray(endpoints) ? endpoints.map(requireEndpoint) : [];
  if (urls.length === 0)
    throw new InvalidOptionError("endpoints", endpoints, endpointsBound);
  return {
    endpoints: urls,
    prefix: requireWellFormed(
      "prefix",
      requireText("prefix", prefix ?? "/dp/discovery"),
    ),
    auth: auth && {
      username: requireText("auth.username", auth.username),
      password: requireSecret("auth.password", auth.password),
    },
    tls: options.tls,
    detectMs: requireDuration("detect", options.detect ?? "5s", 100),
    name: requireText("name", options.name ?? "etcd"),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    failures: new Failures(onError),
  };
};
