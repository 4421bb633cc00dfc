import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, requireProgram } from "../binaries.ts";
import { nginxArguments, nginxConfig } from "../nginx-config.ts";
import { rowName, type Proxy } from "./proxy.ts";

const version = (): string => {
  const { stderr } = spawnSync(requireProgram("nginx"), ["-v"], {
    encoding: "utf8",
  });
  return /nginx\/([\d.]+)/.exec(stderr)?.[1] ?? "of unknown version";
};

/** nginx with one worker and upstream connections kept open. */
export const nginx = (accessLog: boolean): Proxy => ({
  name: rowName("nginx", accessLog),
  accessLog,
  missing: () =>
    findProgram("nginx") === undefined
      ? "nginx is not installed (apt-get install nginx-light)"
      : undefined,
  title: () => `nginx ${version()}, 1 worker`,
  launch: ({ listenPort, upstreamPort, folder }) => {
    const file = join(folder, "nginx.conf");
    const proxy = `access_log ${accessLog ? "/dev/stdout" : "off"};
  upstream service {
    server 127.0.0.1:${upstreamPort};
    keepalive 128;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${listenPort} backlog=1024;
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }`;
    writeFileSync(file, nginxConfig(folder, proxy));
    return { command: [requireProgram("nginx"), ...nginxArguments(file)] };
  },
});
