import { mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { cpuMicroseconds } from "./cpu.ts";
import { requireLines } from "./log-lines.ts";
import { waitForQuiet, watchOthers } from "./others.ts";
import { freePort } from "./ports.ts";
import { waitForPort, type Processes, type Running } from "./processes.ts";
import type { Proxy } from "./proxies/proxy.ts";
import { requestPath, upstreamAnswer } from "./upstream.ts";
import {
  findFailure,
  findWrongLoad,
  verifiedAnswers,
  verifyAnswers,
} from "./verify.ts";
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
  /** Share of the whole machine that went to other work meanwhile: near 0 the figures can be trusted. */
  readonly others: number;
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

// On a machine that is never quiet the turn is taken all the same, and the table says so.
const quietLimitMs = 2000;

const requireRight = (problem: string | undefined): void => {
  if (problem !== undefined) throw new Error(problem);
};

const warmUpSeconds = 1;

// What optimising compilers need differs; on a busy core it may take long to come by.
const warmRequests = 20_000;
const mostWarmUps = 10;

/** Loads one proxy until its code has become as fast as it gets. Throws when an answer had an error status. */
export const warmUp = async (
  { url }: Contender,
  processes: Processes,
): Promise<void> => {
  let answered = 0;
  for (let run = 0; run < mostWarmUps && answered < warmRequests; run += 1) {
    const load = await runWrk(processes, url, warmUpSeconds);
    requireRight(findFailure(load));
    answered += load.requests;
  }
};

/**
 * Loads one proxy while all others are idle: a second during which answers are compared byte for
 * byte, the measurement, and the comparison again. Waits a little for other work on the machine to
 * end before. Throws when any answer was wrong.
 */
export const takeTurn = async (
  { proxy, running, url }: Contender,
  processes: Processes,
  seconds: number,
): Promise<Turn> => {
  await waitForQuiet(quietLimitMs);
  truncateSync(running.outputFile);
  const loading = runWrk(processes, url, warmUpSeconds);
  const verifying = verifyAnswers(url, upstreamAnswer);
  // Both end in any case: a load that went on would disturb the next turn.
  await Promise.allSettled([loading, verifying]);
  const sizes = await verifying;
  const first = await loading;
  requireRight(findWrongLoad(first, sizes));
  const others = watchOthers();
  const before = cpuMicroseconds(running.pid);
  const load = await runWrk(processes, url, seconds);
  const used = cpuMicroseconds(running.pid) - before;
  const othersShare = others();
  requireRight(findWrongLoad(load, sizes));
  await verifyAnswers(url, upstreamAnswer);
  if (proxy.accessLog)
    await requireLines(
      running.outputFile,
      first.requests + load.requests + 2 * verifiedAnswers,
    );
  return {
    requests: load.requests,
    cpuUsPerRequest: used / load.requests,
    rps: load.requests / load.seconds,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    busy: used / (load.seconds * 1e6),
    others: othersShare,
  };
};
