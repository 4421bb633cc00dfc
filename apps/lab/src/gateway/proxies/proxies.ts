import { dp, dpEntry } from "./dp.ts";
import { fastProxy } from "./fast-proxy.ts";
import { fastifyProxy } from "./fastify.ts";
import { floor } from "./floor.ts";
import { haproxy } from "./haproxy.ts";
import { nginx } from "./nginx.ts";
import type { Proxy } from "./proxy.ts";

/** Every row of the table in its order: first all without access log, then all with it that have one. */
export const proxies = (entry: string | undefined): readonly Proxy[] => [
  floor,
  nginx(false),
  haproxy(false),
  entry === undefined ? dp(false) : dpEntry(entry),
  fastProxy,
  fastifyProxy(false),
  nginx(true),
  haproxy(true),
  ...(entry === undefined ? [dp(true)] : []),
  fastifyProxy(true),
];

/** What `--only` takes. */
export const proxyNames: readonly string[] = proxies(undefined).map(
  ({ name }) => name,
);
