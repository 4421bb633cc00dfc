import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatewaySchema } from "../config/schema.ts";
import { dispatch } from "./dispatch.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-cli-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const call = async (
  ...args: string[]
): Promise<{ code: number; out: string; error: string }> => {
  let out = "";
  let error = "";
  const never = (): never => {
    throw new Error("is not for this command");
  };
  const code = await dispatch(
    args,
    {
      env: { PORT: "8080" },
      out: (text) => void (out += text),
      error: (text) => void (error += text),
    },
    { createGateway: never, onSignal: never, exit: never, wallNow: never },
  );
  return { code, out, error };
};

const good = `
services:
  users: [http://127.0.0.1:3001, http://127.0.0.1:3002]
  orders: { discover: orders, health: { path: /healthz }, eject: false, breaker: false }
  canary: { targets: [], balance: random, eject: { consecutive: 1, for: 90s }, breaker: { failureRate: 12.5% } }
auth: { staff: { apiKey: { keys: [{ id: ann, sha256: "${"ab".repeat(32)}" }] } } }
routes:
  - { path: /users/**, to: users }
  - { path: /orders/**, to: { orders: 90, canary: 10 }, auth: staff, limit: { rate: 100/s, burst: 200, by: "header:X-T" } }
  - { path: /orders/:id, methods: [GET], to: orders, retry: { attempts: 1 }, timeout: { total: 1500ms } }
`;

describe("dp-gateway check", () => {
  it("prints what a good file comes to, its routes in order of precedence", async () => {
    const file = write("good.yaml", good);
    expect(await call("check", file)).toEqual({
      code: 0,
      error: "",
      out: `${file}: ok
services
  users   2 targets, power-of-two, no health check, ejects after 5 failures for 30s, breaker at 50% of 20 or more in 10s
  orders  discovers orders, power-of-two, health /healthz every 2s, no ejection, no breaker
  canary  0 targets, random, no health check, ejects after 1 failure for 90s, breaker at 12.5% of 20 or more in 10s
routes, the first that takes a request has it
  1  GET /orders/:id  -> orders
  2  /users/**        -> users
  3  /orders/**       -> orders 90, canary 10; auth staff; limit 100 in 1s, burst 200, by header x-t
`,
    });
  });

  it("prints every problem of a bad one with its line", async () => {
    const file = write(
      "bad.yaml",
      "listen: { http: nowhere }\nroutes:\n  - { path: /a, to: user }\nservices: { users: [] }\n",
    );
    const { code, out, error } = await call("check", file);
    expect([code, out]).toEqual([1, ""]);
    expect(error.split("\n")).toEqual([
      expect.stringContaining(`${file}:1:17 listen.http: must be host:port`),
      expect.stringMatching(/:3:21 routes\[0\]\.to: .*did you mean "users"\?$/),
      "2 problems",
      "",
    ]);
  });

  it("knows the middlewares of the file's modules", async () => {
    write(
      "tag.mjs",
      `export const tag = { name: "tag", options: { type: "object", additionalProperties: false, properties: { value: { type: "string" } } }, create: () => (_, next) => next() };
       export default tag;
       export const other = 5;`,
    );
    const use = (options: string): string =>
      `modules: [./tag.mjs]\nservices: { a: [] }\nroutes: [{ path: /, to: a, use: [{ tag: ${options} }] }]`;
    expect(
      await call("check", write("m.yaml", use("{ value: x }"))),
    ).toMatchObject({
      code: 0,
      out: expect.stringContaining("use tag") as string,
    });
    const refused = await call("check", write("n.yaml", use("{ valu: x }")));
    expect(refused.error).toMatch(/use\[0\]\.tag\.valu: is unknown.*"value"/);
  });

  it("names modules that do not load, define nothing, or define a middleware again, with all other problems", async () => {
    write("empty.mjs", "export const x = 1;");
    write("throws.mjs", "throw new Error('no luck');");
    const definition = `{ name: "same", options: {}, create: () => undefined }`;
    write("one.mjs", `export const a = ${definition};`);
    write("two.mjs", `export const b = ${definition};`);
    const file = write(
      "modules.yaml",
      "modules: [./none.mjs, ./empty.mjs, ./throws.mjs, ./one.mjs, ./two.mjs]\nlog: { level: x }",
    );
    const { code, error } = await call("check", file);
    expect(code).toBe(1);
    expect(error).toMatch(
      /:1:11 modules\[0\]: must be an ES module that loads/,
    );
    expect(error).toMatch(/:1:23 modules\[1\]: must export a middleware/);
    expect(error).toMatch(/modules\[2\]: .*no luck/);
    expect(error).not.toMatch(/modules\[3\]/);
    expect(error).toMatch(/modules\[4\]: .*second time, got "same"/);
    expect(error).toMatch(/log\.level/);
    expect(error).toMatch(/5 problems\n$/);
  });
});

describe("dp-gateway explain", () => {
  it("prints the route, what applies to it, and why the others lost", async () => {
    const file = write("good.yaml", good);
    expect(await call("explain", file, "GET", "/orders//7?x=1")).toEqual({
      code: 0,
      error: "",
      out: `  request   GET /orders//7?x=1
  path      /orders/7
  route     routes[2] GET /orders/:id
    :id     7
  auth      none
  limit     none
  use       none
  body      at most 10485760 bytes
  timeout   total 1500ms, attempt 1500ms, connect 1s, idle 1m
  retry     off
  to        orders
    orders  discovers orders, power-of-two, health /healthz every 2s, no ejection, no breaker
other routes
  routes[0] /users/**   is for another path
  routes[1] /orders/**  also takes it, but the chosen route has a more specific path
`,
    });
  });

  it("ends with 1 when the gateway would answer itself, and says what", async () => {
    const file = write("good.yaml", good);
    const put = await call("explain", file, "PUT", "/none");
    expect(put.code).toBe(1);
    expect(put.out).toMatch(/route +404: no route/);
    expect(put.out).toMatch(
      /routes\[2\] GET \/orders\/:id +is for another path/,
    );
    const bad = await call("explain", file, "GET", "/%2f");
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(
      /path +refused\n +route +400: the path is refused\n$/,
    );
    const only = write(
      "only.yaml",
      "services: { a: [] }\nroutes: [{ path: /, methods: [GET, PUT], host: a.example, to: a }]",
    );
    const post = await call(
      "explain",
      only,
      "POST",
      "/",
      "--host",
      "a.example",
    );
    expect(post.code).toBe(1);
    expect(post.out).toMatch(/route +405: only GET, PUT/);
    expect(post.out).toMatch(/is for the method GET, PUT/);
  });

  it("refuses a bad file as check does", async () => {
    const { code, error } = await call(
      "explain",
      join(folder, "no"),
      "GET",
      "/",
    );
    expect(code).toBe(1);
    expect(error).toMatch(/cannot be read: ENOENT.*\n1 problem\n$/);
  });
});

describe("dp-gateway", () => {
  it("prints the schema", async () => {
    const { code, out } = await call("schema");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(gatewaySchema);
  });

  it("prints how it is used: on request, or with what was wrong and 2", async () => {
    expect(await call("help")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Usage: dp-gateway/) as string,
    });
    expect(await call("bogus")).toMatchObject({
      code: 2,
      out: "",
      error: expect.stringMatching(
        /^dp-gateway: there is no command "bogus"\n\nUsage: /,
      ) as string,
    });
  });
});
