import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchNode } from "./node-server.ts";
import { rowName, type Proxy, type Site } from "./proxy.ts";

const cli = fileURLToPath(
  new URL("../../../../../packages/gateway/dist/cli.js", import.meta.url),
);

/** A plain proxy: everything else is as the gateway comes, forwarding and id headers, timeouts and metrics included. */
export const dpConfig = (
  { listenPort, adminPort, upstreamPort }: Site,
  accessLog: boolean,
): string => `listen:
  http: 127.0.0.1:${listenPort}
  admin: 127.0.0.1:${adminPort}
log: { access: ${accessLog} }
services:
  items: [http://127.0.0.1:${upstreamPort}]
routes:
  - { path: /**, to: items }
`;

/** @dp/gateway as its users start it: the built command with a configuration file. */
export const dp = (accessLog: boolean): Proxy => ({
  name: rowName("dp", accessLog),
  accessLog,
  missing: () =>
    existsSync(cli) ? undefined : "@dp/gateway is not built (pnpm build)",
  title: () => "@dp/gateway",
  launch: (site) => {
    const file = join(site.folder, "gateway.yaml");
    writeFileSync(file, dpConfig(site, accessLog));
    return launchNode([cli, "run", file], site);
  },
});

/** Any Node program in the place of the gateway, for a prototype: it takes its ports from the environment. */
export const dpEntry = (entry: string): Proxy => ({
  name: "dp",
  accessLog: false,
  missing: () => (existsSync(entry) ? undefined : `there is no file ${entry}`),
  title: () => `prototype ${entry}`,
  launch: (site) => launchNode(["--conditions=@dp/source", entry], site),
});
