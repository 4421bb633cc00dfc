import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CliProcess } from "./cli-process.ts";

let folder: string;
let upstream: Server;
let target: string;
/** Requests to /slow that wait for an answer. */
const waiting: ServerResponse[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dp-gateway-"));
  upstream = createServer((request, response) => {
    if (request.url === "/slow") waiting.push(response);
    else response.end(`upstream has ${request.url ?? ""}`);
  });
  await new Promise<void>((resolve) =>
    upstream.listen(0, "127.0.0.1", resolve),
  );
  target = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
});
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const config = (routes: string, more = ""): string =>
  `listen: { http: 127.0.0.1:0 }\nservices: { up: ["${target}"] }\nroutes: [${routes}]\n${more}`;

describe("dp-gateway run", () => {
  it("serves, logs each request as one JSON line, and ends with 0 at SIGTERM", async () => {
    const file = write("serve.yaml", config("{ path: /a/**, to: up }"));
    await using gateway = new CliProcess("run", file);
    const url = await gateway.url();
    const answer = await fetch(`${url}/a//b?c=1`);
    expect(await answer.text()).toBe("upstream has /a/b?c=1");
    expect((await fetch(`${url}/none`)).status).toBe(404);
    const logged = await gateway.line((line) => line["status"] === 404);
    expect(logged).toMatchObject({ method: "GET", path: "/none" });
    expect(logged["requestId"]).toEqual(expect.any(String));
    gateway.send("SIGTERM");
    expect(await gateway.ended).toBe(0);
    expect(gateway.lines.at(-1)).toMatchObject({ event: "stopped" });
    expect(gateway.error).toBe("");
  });

  it("goes over to the file at SIGHUP, and keeps what it has when the file is bad", async () => {
    const file = write("reload.yaml", config("{ path: /a, to: up }"));
    await using gateway = new CliProcess("run", file);
    const url = await gateway.url();
    expect((await fetch(`${url}/b`)).status).toBe(404);
    write("reload.yaml", config("{ path: /a, to: up }, { path: /b, to: up }"));
    gateway.send("SIGHUP");
    await gateway.event("reloaded");
    expect((await fetch(`${url}/b`)).status).toBe(200);
    write("reload.yaml", config("{ path: /b, to: upp }", "servces: {}"));
    gateway.send("SIGHUP");
    await gateway.until(() => {
      expect(gateway.error).toMatch(/serves on\n$/);
    });
    expect(gateway.error).toMatch(
      /reload\.yaml:3:\d+ routes\[0\]\.to: must be a known service: up, got "upp"; did you mean "up"\?\n.*reload\.yaml:4:1 servces: is unknown.*"services"\?\n2 problems\n/,
    );
    expect((await fetch(`${url}/a`)).status).toBe(200);
  });

  it("answers what it has accepted before it ends", async () => {
    const file = write("drain.yaml", config("{ path: /slow, to: up }"));
    await using gateway = new CliProcess("run", file);
    const url = await gateway.url();
    const answer = fetch(`${url}/slow`);
    await gateway.until(() => {
      expect(waiting).toHaveLength(1);
    });
    gateway.send("SIGTERM");
    await gateway.event("draining");
    waiting.pop()?.end("late, but whole");
    expect(await (await answer).text()).toBe("late, but whole");
    expect(await gateway.ended).toBe(0);
  });

  it("ends at once at a second signal, with the code of that signal", async () => {
    const file = write("twice.yaml", config("{ path: /slow, to: up }"));
    await using gateway = new CliProcess("run", file);
    const url = await gateway.url();
    const cut = expect(fetch(`${url}/slow`)).rejects.toThrow();
    await gateway.until(() => {
      expect(waiting).toHaveLength(1);
    });
    gateway.send("SIGTERM");
    await gateway.event("draining");
    gateway.send("SIGINT");
    expect(await gateway.ended).toBe(130);
    await cut;
    waiting.pop()?.destroy();
  });

  it("runs the middlewares of the file's modules", async () => {
    write(
      "tag.mjs",
      `export default {
        name: "tag",
        options: { type: "object", properties: { value: { type: "string", default: "none" } } },
        create: ({ value }) => async (context, next) => {
          const response = await next();
          response.headers["x-tag"] = value;
          return response;
        },
      };`,
    );
    const file = write(
      "module.yaml",
      config(
        "{ path: /a, to: up, use: [{ tag: { value: yes } }] }, { path: /b, to: up, use: [{ tag: {} }] }",
        "modules: [./tag.mjs]",
      ),
    );
    await using gateway = new CliProcess("run", file);
    const url = await gateway.url();
    const tag = async (path: string): Promise<string | null> =>
      (await fetch(`${url}${path}`)).headers.get("x-tag");
    expect(await tag("/a")).toBe("yes");
    expect(await tag("/b")).toBe("none");
  });

  it("ends with 1 and the system's words when its address is taken", async () => {
    const file = write(
      "taken.yaml",
      `listen: { http: ${target.slice("http://".length)} }`,
    );
    await using gateway = new CliProcess("run", file);
    expect(await gateway.ended).toBe(1);
    expect(gateway.error).toMatch(/EADDRINUSE/);
    expect(gateway.out).toBe("");
  });

  it("serves on when nobody reads its log any more", async () => {
    const file = write("unread.yaml", config("{ path: /a, to: up }"));
    await using gateway = new CliProcess("run", file);
    const url = await gateway.url();
    gateway.child.stdout?.destroy();
    for (let count = 0; count < 3; count++) {
      expect((await fetch(`${url}/a`)).status).toBe(200);
      write("unread.yaml", config("{ path: /a, to: upp }"));
      gateway.error = "";
      gateway.send("SIGHUP");
      await gateway.until(() => {
        expect(gateway.error).toMatch(/serves on\n$/);
      });
    }
    gateway.send("SIGTERM");
    expect(await gateway.ended).toBe(0);
  });
});

describe("dp-gateway", () => {
  const call = async (
    ...args: string[]
  ): Promise<{ code: unknown; out: string; error: string }> => {
    await using cli = new CliProcess(...args);
    return { code: await cli.ended, out: cli.out, error: cli.error };
  };

  it("gives what a command says and its exit code to the shell", async () => {
    const bad = write("bad.yaml", "servces: {}");
    const [schema, check, usage] = await Promise.all([
      call("schema"),
      call("check", bad),
      call("rum", bad),
    ]);
    expect(schema.code).toBe(0);
    expect(JSON.parse(schema.out)).toHaveProperty("properties.routes");
    expect(check).toEqual({
      code: 1,
      out: "",
      error: expect.stringMatching(
        /bad\.yaml:1:1 servces: .*"services"\?\n1 problem\n$/,
      ) as string,
    });
    expect(usage).toMatchObject({ code: 2, out: "" });
  });
});
