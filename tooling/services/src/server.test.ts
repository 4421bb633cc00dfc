import { describe, expect, it } from "vitest";
import { exchange } from "./exchange.ts";
import { freePort } from "./port.ts";
import { type ServerProgram, startServer } from "./server.ts";
import { isAlive } from "./testing/processes.ts";

/** A server in one line of JavaScript: answers "ok" to anything. */
const program = (script: string): ServerProgram => ({
  name: "fixture",
  binary: process.execPath,
  commandLine: (port) => ["-e", script, String(port)],
  url: (port) => `fixture://127.0.0.1:${port}`,
  answers: (port) => exchange(port, "?", (reply) => reply.length > 0),
});

const answering =
  "require('net').createServer(s=>s.on('error',()=>{}).end('ok')).listen(+process.argv[1],'127.0.0.1')";

describe("startServer", () => {
  it("says what the program printed when it ends while starting", async () => {
    await expect(
      startServer(program("console.error('no such luck');process.exit(3)")),
    ).rejects.toThrow(/fixture ended while starting:\nno such luck/);
  });

  it("fails when the program does not exist", async () => {
    await expect(
      startServer({ ...program(""), binary: "/nonexistent/server" }),
    ).rejects.toThrow("fixture ended while starting");
  });

  it("stops once and cannot be restarted after", async () => {
    const server = await startServer(program(answering));
    const pid = server.pid!;
    await server.stop();
    await server.stop();
    expect(isAlive(pid)).toBe(false);
    await expect(server.restart()).rejects.toThrow("was stopped");
  });

  it("sends the signal asked for", async () => {
    const server = await startServer(
      program(`process.on('SIGUSR2',()=>process.exit(0));${answering}`),
    );
    await server.kill("SIGUSR2");
    expect(server.pid).toBeUndefined();
    await server.stop();
  });
});

describe("freePort", () => {
  it("stays below the range of outgoing connections", async () => {
    expect(await freePort()).toBeLessThan(32_768);
  });
});
