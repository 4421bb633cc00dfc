import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { listenOnLoopback } from "../listen.ts";
import { register, type Tenant } from "../registry-client.ts";
import { obeySignals } from "../signals.ts";
import {
  createAnswering,
  type Call,
  type CallAnswer,
  type Stats,
} from "./answering.ts";

/** No request for this long while draining: what was on its way when the state changed has arrived. */
const quietMs = 250;
const drainLimitMs = 10_000;

/**
 * Runs this process as one instance of a service: `--port` (a free one by default) on loopback, `--registry` the URL of
 * the registry's front. Serves `/<name>/…`, `/healthz`, `GET /_stats` and `POST /_chaos`; SIGTERM drains and exits 0.
 */
export const serve = async (
  service: string,
  handle: (call: Call) => CallAnswer,
): Promise<void> => {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      registry: { type: "string" },
    },
  });
  const instance = `${service}-${process.pid}`;
  const stats: Stats = { calls: 0, inFlight: 0, lastCallMs: -Infinity };
  const server = createServer(
    createAnswering(service, instance, stats, handle),
  );
  // The gateway closes idle connections, not the service: then no request meets a closing socket.
  server.keepAliveTimeout = 0;
  const port = await listenOnLoopback(server, Number(values.port));

  const spec = { service, id: instance, host: "127.0.0.1", port };
  const tenant =
    values.registry === undefined
      ? undefined
      : await register(values.registry, spec);
  obeySignals(() => drain(stats, tenant));
  if (process.send === undefined) console.log(`${instance} listens on ${port}`);
  else process.send({ port, instance });
};

/** First no new picks, then an answer to everything in hand, then off the list. */
const drain = async (
  stats: Stats,
  tenant: Tenant | undefined,
): Promise<void> => {
  const startMs = performance.now();
  await tenant?.setState("draining").catch(() => undefined);
  const isBusy = (nowMs: number): boolean =>
    stats.inFlight > 0 || nowMs - Math.max(startMs, stats.lastCallMs) < quietMs;
  for (
    let nowMs = startMs;
    isBusy(nowMs) && nowMs - startMs < drainLimitMs;
    nowMs = performance.now()
  )
    await sleep(20);
  await tenant?.close();
};
