import { dp, dpEntry } from "./dp.ts";
import { fastProxy } from "./fast-proxy.ts";
import { fastifyProxy } from "./fastify.ts";
import { floor } from "./floor.ts";
import { haproxy } from "./haproxy.ts";
import { nginx } from "./nginx.ts";
import type { Proxy } from "./proxy.ts";

/**
 * Every row of the table, in the order of turns: first all without access log, then all with it
 * that have one. Those whose ratios matter most are neighbours, so that they run in the same seconds.
 */
export const proxies = (entry: string | undefined): readonly Proxy[] => [
  floor,
  entry === undefined ? dp(false) : dpEntry(entry),
  nginx(false),
  fastProxy,
  haproxy(false),
  fastifyProxy(false),
  ...(entry === undefined ? [dp(true)] : []),
  nginx(true),
  haproxy(true),
  fastifyProxy(true),
];

/** What `--only` takes. */
export const proxyNames: readonly string[] = proxies(undefined).map(
  ({ name }) => name,
);
