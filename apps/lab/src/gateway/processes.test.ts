import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processTree } from "./cpu.ts";
import { freePort } from "./ports.ts";
import { Processes, waitForPort } from "./processes.ts";

const listener = (port: number) =>
  `require("net").createServer().listen(${port}, "127.0.0.1")`;
// A process that listens and has a child, and that does not end when asked to.
const stubborn = (port: number) =>
  `process.on("SIGTERM", () => {});
   require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
   ${listener(port)}`;

describe("Processes", () => {
  let folder: string;
  let processes: Processes;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dp-bench-test-"));
    processes = new Processes(folder);
  });
  afterEach(() => {
    processes.killAll();
    rmSync(folder, { recursive: true });
  });

  const start = (program: string) =>
    processes.start({
      name: "tried",
      core: "load",
      command: [process.execPath, "-e", program],
    });

  it("waits until a server listens and keeps its output in a file", async () => {
    const port = await freePort();
    const running = start(`console.log("hello"); ${listener(port)}`);
    await waitForPort(running, port);
    expect(readFileSync(running.outputFile, "utf8")).toBe("hello\n");
  });

  it("tells the last words of a server that ends while starting", async () => {
    const running = start(`console.error("no such host"); process.exit(3)`);
    await expect(waitForPort(running, await freePort())).rejects.toThrow(
      "tried ended while starting: no such host",
    );
  });

  it("stops a whole tree that does not end by itself", async () => {
    const port = await freePort();
    const running = start(stubborn(port));
    await waitForPort(running, port);
    const pids = processTree(running.pid).map(({ pid }) => pid);
    expect(pids).toHaveLength(2);
    await processes.stopAll();
    expect(running.hasExited()).toBe(true);
    await expect
      .poll(() => pids.filter(isAlive), { timeout: 5000 })
      .toEqual([]);
  });

  it("kills everything at once", async () => {
    const port = await freePort();
    const running = start(stubborn(port));
    await waitForPort(running, port);
    const pids = processTree(running.pid).map(({ pid }) => pid);
    processes.killAll();
    await running.exited;
    await expect
      .poll(() => pids.filter(isAlive), { timeout: 5000 })
      .toEqual([]);
  });
});

// Killed and not yet collected by its new parent counts as gone.
const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
};
