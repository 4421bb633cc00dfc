import { launchNode, pinnedVersion, serverFile } from "./node-server.ts";
import type { Proxy } from "./proxy.ts";

/** fast-proxy on a bare node:http server, with undici, its fastest client. It has no access log. */
export const fastProxy: Proxy = {
  name: "fast-proxy",
  accessLog: false,
  missing: () => undefined,
  title: () => `fast-proxy ${pinnedVersion("fast-proxy")} (undici)`,
  launch: (site) => launchNode([serverFile("fast-proxy")], site),
};
