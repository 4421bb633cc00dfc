import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireProgram } from "./binaries.ts";
import { nginxArguments, nginxConfig } from "./nginx-config.ts";
import { freePort } from "./ports.ts";
import { waitForPort, type Processes } from "./processes.ts";
import type { Answer } from "./verify.ts";

const body = JSON.stringify({
  id: 42,
  sku: "DP-000042",
  name: "Enamel mug, blue, 0.3 l",
  price: { amount: 1290, currency: "EUR" },
  stock: 17,
  tags: ["kitchen", "outdoor"],
  updated: "2026-01-05T09:30:00Z",
  warehouse: "north-3",
});

/** What the upstream answers to every request. */
export const upstreamAnswer: Answer = {
  status: 200,
  contentType: "application/json",
  body,
};

/** The path that every request asks for. */
export const requestPath = "/items/42";

/** Starts the server behind all proxies, an nginx that answers 200 with {@link upstreamAnswer}, and returns its port. */
export const startUpstream = async (
  processes: Processes,
  folder: string,
): Promise<number> => {
  const port = await freePort();
  const file = join(folder, "upstream.conf");
  const server = `access_log off;
  server {
    listen 127.0.0.1:${port} backlog=1024;
    default_type application/json;
    location / { return 200 '${body}'; }
  }`;
  writeFileSync(file, nginxConfig(folder, server));
  const running = processes.start({
    name: "upstream",
    core: "load",
    command: [requireProgram("nginx"), ...nginxArguments(file)],
  });
  await waitForPort(running, port);
  return port;
};
