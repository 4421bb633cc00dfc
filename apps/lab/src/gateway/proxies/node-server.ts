import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Launch, Site } from "./proxy.ts";

/** How a Node program is started that takes its ports from the environment. */
export const launchNode = (
  nodeArguments: readonly string[],
  { listenPort, upstreamPort, adminPort }: Site,
  env?: Readonly<Record<string, string>>,
): Launch => ({
  command: [process.execPath, ...nodeArguments],
  env: {
    DP_BENCH_LISTEN_PORT: String(listenPort),
    DP_BENCH_UPSTREAM_PORT: String(upstreamPort),
    DP_BENCH_ADMIN_PORT: String(adminPort),
    ...env,
  },
});

/** The path of a server of this benchmark. */
export const serverFile = (name: string): string =>
  fileURLToPath(new URL(`../servers/${name}.ts`, import.meta.url));

/** The version of a peer as package.json pins it. */
export const pinnedVersion = (dependency: string): string => {
  const file = new URL("../../../package.json", import.meta.url);
  const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  return dependencies[dependency] ?? "of unknown version";
};
