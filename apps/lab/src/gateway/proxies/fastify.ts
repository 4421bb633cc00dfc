import { launchNode, pinnedVersion, serverFile } from "./node-server.ts";
import { rowName, type Proxy } from "./proxy.ts";

/** fastify with its proxy plugin, and with its own logger as access log. */
export const fastifyProxy = (accessLog: boolean): Proxy => ({
  name: rowName("fastify", accessLog),
  accessLog,
  missing: () => undefined,
  title: () => `@fastify/http-proxy ${pinnedVersion("@fastify/http-proxy")}`,
  launch: (site) =>
    launchNode([serverFile("fastify")], site, {
      DP_BENCH_ACCESS_LOG: accessLog ? "on" : "off",
    }),
});
