import { once } from "node:events";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { healthCheck } from "../../src/health/health-check.ts";
import { eventually, timeoutMs, verdict } from "./health-stage.ts";

/** Listens in a thread that then stands still: the kernel takes two connections for it and leaves the rest waiting. */
const standstill = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(workerData, 0, 0);
  });
`;

/** Connections of this process that are being made. */
const pending = (): number =>
  process.getActiveResourcesInfo().filter((each) => each === "ConnectWrap")
    .length;

describe("a health check of an instance whose connections are not answered", () => {
  it("fails at the timeout and stops trying, whatever its kind", async () => {
    const workerData = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(standstill, { eval: true, workerData });
    const [port] = (await once(worker, "message")) as [number];
    const host = "127.0.0.1";
    const fillers = Array.from({ length: 16 }, () => connect({ port, host }));
    let connected = 0;
    for (const filler of fillers) {
      filler.on("connect", () => connected++);
      filler.on("error", () => undefined);
    }
    await eventually("the queue is full", () => connected >= 2);
    const before = pending();
    expect(before).toBeGreaterThan(0);
    for (const kind of ["http", "tcp", "grpc"] as const) {
      const health = healthCheck[kind]({ timeout: timeoutMs });
      const timeout = (): boolean => pending() > before;
      const after = (): boolean => pending() === before;
      expect(await verdict(health, port, { timeout, after })).toBe(false);
    }
    for (const filler of fillers) filler.destroy();
    await worker.terminate();
  });
});
