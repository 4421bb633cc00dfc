import { createReadStream, mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMicroseconds } from "./cpu.ts";
import { freePort } from "./ports.ts";
import { waitForPort, type Processes, type Running } from "./processes.ts";
import type { Proxy } from "./proxies/proxy.ts";
import { requestPath, upstreamAnswer } from "./upstream.ts";
import { findWrongLoad, verifiedAnswers, verifyAnswers } from "./verify.ts";
import { runWrk } from "./wrk.ts";

/** A started proxy that waits for its turns. */
export interface Contender {
  readonly proxy: Proxy;
  readonly running: Running;
  readonly url: string;
}

/** What one turn of one proxy has shown. */
export interface Turn {
  readonly requests: number;
  readonly cpuUsPerRequest: number;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Share of its core that the proxy used: near 1 it was the bottleneck, else something else was. */
  readonly busy: number;
}

/** Starts `proxy` in a folder of its own below `folder` and waits until it accepts connections. */
export const startContender = async (
  proxy: Proxy,
  processes: Processes,
  folder: string,
  upstreamPort: number,
): Promise<Contender> => {
  const own = join(folder, proxy.name);
  mkdirSync(own);
  const listenPort = await freePort();
  const adminPort = await freePort();
  const site = { listenPort, adminPort, upstreamPort, folder: own };
  const running = processes.start({
    name: proxy.name,
    core: "proxy",
    ...proxy.launch(site),
  });
  await waitForPort(running, listenPort);
  return {
    proxy,
    running,
    url: `http://127.0.0.1:${listenPort}${requestPath}`,
  };
};

const countLines = async (file: string): Promise<number> => {
  let lines = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>)
    for (const byte of chunk) if (byte === 10) lines += 1;
  return lines;
};

// A log may be written in batches.
const logLimitMs = 2000;

const checkLog = async (file: string, expected: number): Promise<void> => {
  const giveUpAt = performance.now() + logLimitMs;
  let lines = await countLines(file);
  while (lines < expected && performance.now() < giveUpAt) {
    await sleep(50);
    lines = await countLines(file);
  }
  if (lines < expected)
    throw new Error(
      `the access log has ${lines} lines for ${expected} requests`,
    );
};

const requireRight = (problem: string | undefined): void => {
  if (problem !== undefined) throw new Error(problem);
};

/**
 * Loads one proxy while all others are idle: a second of warm-up during which answers are compared
 * byte for byte, the measurement, and the comparison again. Throws when any answer was wrong.
 */
export const takeTurn = async (
  { proxy, running, url }: Contender,
  processes: Processes,
  seconds: number,
  warmUpSeconds: number,
): Promise<Turn> => {
  truncateSync(running.outputFile);
  const loading = runWrk(processes, url, warmUpSeconds);
  const verifying = verifyAnswers(url, upstreamAnswer);
  // Both end in any case: a load that went on would disturb the next turn.
  await Promise.allSettled([loading, verifying]);
  const sizes = await verifying;
  const warmUp = await loading;
  requireRight(findWrongLoad(warmUp, sizes));
  const before = cpuMicroseconds(running.pid);
  const load = await runWrk(processes, url, seconds);
  const used = cpuMicroseconds(running.pid) - before;
  requireRight(findWrongLoad(load, sizes));
  await verifyAnswers(url, upstreamAnswer);
  if (proxy.accessLog)
    await checkLog(
      running.outputFile,
      warmUp.requests + load.requests + 2 * verifiedAnswers,
    );
  return {
    requests: load.requests,
    cpuUsPerRequest: used / load.requests,
    rps: load.requests / load.seconds,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    busy: used / (load.seconds * 1e6),
  };
};
