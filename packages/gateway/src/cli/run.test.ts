import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GatewayConfig } from "../config/types.ts";
import type { Gateway } from "../gateway.ts";
import { run, type RunParts, type RunSignal } from "./run.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-run-"));
  file = join(folder, "g.yaml");
  write("services: { a: [] }");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const write = (text: string): void => {
  writeFileSync(file, text);
};

/** A gateway that records what is asked of it, and the process around it. */
const start = (
  gateway: Partial<Gateway> = {},
): {
  ended: Promise<number>;
  send: (signal: RunSignal) => void;
  calls: unknown[][];
  output: () => { out: Record<string, unknown>[]; error: string };
} => {
  const calls: unknown[][] = [];
  const listeners = new Map<RunSignal, () => void>();
  let out = "";
  let error = "";
  const record =
    <T>(name: string, result: T) =>
    (...args: unknown[]): Promise<T> => {
      calls.push([name, ...args]);
      return Promise.resolve(result);
    };
  const address = (port: number): object => ({
    address: port === 1 ? "::" : "127.0.0.1",
    family: port === 1 ? "IPv6" : "IPv4",
    port,
  });
  const parts: RunParts = {
    createGateway: (config) => {
      calls.push(["create", config]);
      return Promise.resolve({
        listen: record("listen", { http: address(1), admin: address(2) }),
        apply: record("apply", { changed: "something" }),
        drain: record("drain", undefined),
        close: record("close", undefined),
        ...gateway,
      } as unknown as Gateway);
    },
    onSignal: (signal, listener) => void listeners.set(signal, listener),
    exit: (code) => void calls.push(["exit", code]),
    wallNow: () => 0,
  };
  const terminal = {
    env: {},
    out: (text: string) => void (out += text),
    error: (text: string) => void (error += text),
  };
  return {
    ended: run(file, terminal, parts),
    send: (signal) => listeners.get(signal)?.(),
    calls,
    output: () => ({
      out: out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
      error,
    }),
  };
};

const names = (calls: unknown[][]): unknown[] => calls.map(([name]) => name);

/** Until the condition holds; the work it waits for is files and promises. */
const until = (condition: () => void): Promise<void> =>
  vi.waitFor(condition, { timeout: 20_000 });

describe("dp-gateway run", () => {
  it("says in JSON where it listens, and drains at the first signal to stop", async () => {
    const { ended, send, calls, output } = start();
    await until(() => {
      expect(output().out).toEqual([
        {
          time: "1970-01-01T00:00:00.000Z",
          event: "listening",
          http: "http://[::]:1",
          admin: "http://127.0.0.1:2",
        },
      ]);
    });
    send("SIGTERM");
    expect(await ended).toBe(0);
    expect(names(calls)).toEqual(["create", "listen", "drain"]);
    expect(output().out.slice(1)).toMatchObject([
      { event: "draining", signal: "SIGTERM" },
      { event: "stopped" },
    ]);
  });

  it("ends at once at the second signal, with the code of that signal", async () => {
    const { send, calls } = start({
      drain: () => new Promise(() => undefined),
    });
    await until(() => {
      expect(names(calls)).toContain("listen");
    });
    send("SIGINT");
    send("SIGTERM");
    expect(calls.at(-1)).toEqual(["exit", 143]);
    send("SIGINT");
    expect(calls.at(-1)).toEqual(["exit", 130]);
  });

  it("drains when the signal comes before it listens", async () => {
    const { ended, send, calls } = start();
    send("SIGTERM");
    expect(await ended).toBe(0);
    expect(names(calls)).toEqual(["create", "listen", "drain"]);
  });

  it("goes over to the file as it is at a SIGHUP", async () => {
    const { ended, send, calls, output } = start();
    await until(() => {
      expect(output().out).toHaveLength(1);
    });
    write("services: { a: [], b: [] }\nlog: { level: warn }");
    send("SIGHUP");
    await until(() => {
      expect(names(calls)).toContain("apply");
    });
    expect((calls.at(-1)?.[1] as GatewayConfig).services).toEqual({
      a: [],
      b: [],
    });
    send("SIGTERM");
    await ended;
    // The new level holds from the reload on, so nothing more is said.
    expect(output().out).toHaveLength(1);
  });

  it("says what a reload changed", async () => {
    const { ended, send, output } = start();
    await until(() => {
      expect(output().out).toHaveLength(1);
    });
    send("SIGHUP");
    await until(() => {
      expect(output().out[1]).toMatchObject({
        event: "reloaded",
        changed: "something",
      });
    });
    send("SIGTERM");
    await ended;
  });

  it("keeps the configuration it has when the file is bad, and says every problem", async () => {
    const { ended, send, calls, output } = start();
    await until(() => {
      expect(output().out).toHaveLength(1);
    });
    write("servces: {}\nlog: { level: x }");
    send("SIGHUP");
    await until(() => {
      expect(output().error).toMatch(
        /servces: is unknown.*\n.*log\.level.*\n2 problems\nnot reloaded: the configuration from before serves on\n$/,
      );
    });
    write("services: { c: [] }");
    send("SIGHUP");
    await until(() => {
      expect(calls.at(-1)).toEqual(["apply", { services: { c: [] } }]);
    });
    send("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("keeps it too when the gateway refuses, or a module is new", async () => {
    const { ended, send, output } = start({
      apply: () => Promise.reject(new Error("listen cannot change")),
    });
    await until(() => {
      expect(output().out).toHaveLength(1);
    });
    send("SIGHUP");
    await until(() => {
      expect(output().error).toMatch(/^listen cannot change\nnot reloaded/);
    });
    writeFileSync(
      join(folder, "new.mjs"),
      `export const x = { name: "x", options: {}, create: () => undefined };`,
    );
    write("modules: [./new.mjs]");
    send("SIGHUP");
    await until(() => {
      expect(output().error).toMatch(
        /modules: cannot bring new middlewares while the gateway runs/,
      );
    });
    send("SIGTERM");
    expect(await ended).toBe(0);
  });

  it("reloads one at a time, in the order of the signals", async () => {
    let running = 0;
    let most = 0;
    const applied: unknown[] = [];
    const { ended, send, output } = start({
      apply: async (config) => {
        most = Math.max(most, ++running);
        await Promise.resolve();
        applied.push(config.services);
        running--;
        return {} as Awaited<ReturnType<Gateway["apply"]>>;
      },
    });
    await until(() => {
      expect(output().out).toHaveLength(1);
    });
    for (let count = 0; count < 3; count++) send("SIGHUP");
    write("services: { last: [] }");
    await until(() => {
      expect(applied).toHaveLength(3);
    });
    expect(most).toBe(1);
    expect(applied.at(-1)).toEqual({ last: [] });
    send("SIGTERM");
    await ended;
  });

  it("starts nothing with a bad file", async () => {
    write("servces: {}");
    const { ended, calls, output } = start();
    expect(await ended).toBe(1);
    expect(calls).toEqual([]);
    expect(output()).toMatchObject({
      out: [],
      error: expect.stringMatching(
        /servces: is unknown.*\n1 problem\n$/,
      ) as string,
    });
  });

  it("ends with 1 and the system's words when an address is taken", async () => {
    const { ended, calls, output } = start({
      listen: () =>
        Promise.reject(new Error("listen EADDRINUSE: 127.0.0.1:80")),
    });
    expect(await ended).toBe(1);
    expect(names(calls)).toEqual(["create", "close"]);
    expect(output().error).toBe("listen EADDRINUSE: 127.0.0.1:80\n");
  });
});
