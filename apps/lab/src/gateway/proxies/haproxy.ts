import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, requireProgram } from "../binaries.ts";
import { rowName, type Proxy } from "./proxy.ts";

const version = (): string => {
  const { stdout } = spawnSync(requireProgram("haproxy"), ["-v"], {
    encoding: "utf8",
  });
  return /version ([\d.]+)/.exec(stdout)?.[1] ?? "of unknown version";
};

/** HAProxy with one thread and upstream connections kept open. */
export const haproxy = (accessLog: boolean): Proxy => ({
  name: rowName("haproxy", accessLog),
  accessLog,
  missing: () =>
    findProgram("haproxy") === undefined
      ? "HAProxy is not installed (apt-get install haproxy)"
      : undefined,
  title: () => `HAProxy ${version()}, 1 thread`,
  launch: ({ listenPort, upstreamPort, folder }) => {
    const file = join(folder, "haproxy.cfg");
    writeFileSync(
      file,
      `global
  nbthread 1
  maxconn 1024
  ${accessLog ? "log stdout format raw local0" : ""}
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
  ${accessLog ? "log global\n  option httplog" : ""}
frontend clients
  bind 127.0.0.1:${listenPort}
  default_backend service
backend service
  server upstream 127.0.0.1:${upstreamPort}
`,
    );
    return { command: [requireProgram("haproxy"), "-db", "-f", file] };
  },
});
