import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { listenOnLoopback } from "../listen.ts";
import { register, type Tenant } from "../registry-client.ts";
import { obeySignals } from "../signals.ts";
import { Answering, type Handlers, type Stats } from "./answering.ts";
import type { Chaos } from "./chaos.ts";

/** No request for this long while draining: what was on its way when the state changed has arrived. */
const quietMs = 250;
const drainLimitMs = 10_000;

/** Where an instance finds itself. */
export interface Surroundings {
  readonly instance: string;
  readonly port: number;
  /** The folder of the service's files. */
  readonly data: string;
  /** The URL of the gateway; empty if none was given. */
  readonly gateway: string;
  /** How the switches stand. */
  readonly chaos: () => Chaos;
}

/** What an instance does, and how it ends. */
export interface Service extends Handlers {
  readonly close?: (() => Promise<void> | void) | undefined;
}

/**
 * Runs this process as one instance of a service: `--port` (a free one by default) on loopback, `--registry` the URL of
 * the registry's front, `--data` the folder of its files, `--gateway` the URL by which it calls others. Serves
 * `/<name>/…`, `/healthz`, `GET /_stats` and `POST /_chaos`; SIGTERM drains and exits 0.
 */
export const serve = async (
  name: string,
  create: (surroundings: Surroundings) => Service | Promise<Service>,
): Promise<void> => {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      registry: { type: "string" },
      data: { type: "string", default: "." },
      gateway: { type: "string", default: "" },
    },
  });
  const instance = `${name}-${process.pid}`;
  const answering = new Answering(name, instance);
  const server = createServer(answering.listener);
  // The gateway closes idle connections, not the service: then no request meets a closing socket.
  server.keepAliveTimeout = 0;
  const port = await listenOnLoopback(server, Number(values.port));
  const { data, gateway } = values;
  const chaos = (): Chaos => answering.chaos;
  const service = await create({ instance, port, data, gateway, chaos });
  answering.use(service);

  const spec = { service: name, id: instance, host: "127.0.0.1", port };
  const tenant =
    values.registry === undefined
      ? undefined
      : await register(values.registry, spec);
  obeySignals(async () => {
    await drain(answering.stats, tenant);
    await service.close?.();
    await tenant?.close();
  });
  if (process.send === undefined) console.log(`${instance} listens on ${port}`);
  else process.send({ port, instance });
};

/** First no new picks, then an answer to everything in hand. */
const drain = async (
  stats: Readonly<Stats>,
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
};
