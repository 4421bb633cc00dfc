import { ManualClock } from "@dp/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startEtcdDouble, type EtcdDouble } from "../../../test/etcd-double.ts";
import { Gateway } from "./gateway.ts";
import { resolveEtcdOptions } from "./options.ts";

let clock: ManualClock;
let one: EtcdDouble;
let other: EtcdDouble;
const gateways: Gateway[] = [];

const open = (
  endpoints: readonly string[],
  auth?: { username: string; password: string },
): Gateway => {
  const gateway = new Gateway(resolveEtcdOptions({ endpoints, auth, clock }));
  gateways.push(gateway);
  return gateway;
};

beforeEach(async () => {
  clock = new ManualClock();
  one = await startEtcdDouble();
  other = await startEtcdDouble();
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) gateway.close();
  expect(clock.pending).toBe(0);
  await one.close();
  await other.close();
});

describe("Gateway", () => {
  it("stays with a member that answers, refusals included", async () => {
    const gateway = open([one.url, other.url]);
    await gateway.call("kv/range", {}, undefined);
    one.answer = () => ({
      status: 403,
      body: { code: 7, message: "etcdserver: permission denied" },
    });
    await expect(gateway.call("kv/range", {}, undefined)).rejects.toThrow(
      "permission denied",
    );
    await expect(gateway.call("kv/range", {}, undefined)).rejects.toThrow(
      "permission denied",
    );
    expect(other.asked).toEqual([]);
  });

  it("passes over a member that is not there, has no leader, or says nothing in time", async () => {
    const gateway = open(["http://127.0.0.1:1", one.url, other.url]);
    await expect(gateway.call("kv/range", {}, undefined)).rejects.toThrow(
      /127\.0\.0\.1:1 cannot be reached/,
    );
    await gateway.call("kv/range", {}, undefined);
    one.answer = () => ({
      status: 503,
      body: { error: "etcdserver: no leader", code: 14 },
    });
    await expect(gateway.call("kv/range", {}, undefined)).rejects.toThrow(
      "no leader",
    );
    other.answer = () => undefined;
    const asked = gateway.call("kv/range", {}, undefined);
    await expect.poll(() => other.asked).toHaveLength(1);
    const refused = expect(asked).rejects.toThrow("DP_REGISTRY_TIMEOUT");
    await clock.advance(5000);
    await refused;
    expect(gateway.endpoint.port).toBe("1");
  });

  it("says what came when it was not JSON, and passes over a member whose proxy fails", async () => {
    const gateway = open([one.url, other.url]);
    one.answer = () => ({ status: 404, body: "404 page not found" });
    await expect(gateway.call("kv/range", {}, undefined)).rejects.toThrow(
      "DP_ETCD: HTTP status 404, not JSON: 404 page not found",
    );
    one.answer = () => ({ status: 502, body: "<html>" });
    await expect(gateway.call("kv/range", {}, undefined)).rejects.toThrow(
      "502",
    );
    await gateway.call("kv/range", {}, undefined);
    expect(other.asked).toHaveLength(1);
  });

  it("asks for a token once, whoever needs it first, and again when it is refused", async () => {
    let tokens = 0;
    let valid = "";
    one.answer = ({ path, headers }) => {
      if (path === "auth/authenticate")
        return { body: { token: (valid = `token-${++tokens}`) } };
      return headers.authorization === valid
        ? { body: { path } }
        : {
            status: 401,
            body: { code: 16, message: "etcdserver: invalid auth token" },
          };
    };
    const gateway = open([one.url], { username: "me", password: "secret" });
    const ask = (): Promise<unknown> => gateway.call("kv/range", {}, undefined);
    await Promise.all([ask(), ask(), ask()]);
    expect(one.times("auth/authenticate")).toBe(1);
    valid = "";
    await Promise.all([ask(), ask()]);
    expect(tokens).toBeGreaterThanOrEqual(2);
    const { body } = one.asked.find(
      ({ path }) => path === "auth/authenticate",
    )!;
    expect(body).toEqual({ name: "me", password: "secret" });
  });

  it("gives up after one new token", async () => {
    one.answer = ({ path }) =>
      path === "auth/authenticate"
        ? { body: { token: "any" } }
        : {
            status: 401,
            body: { error: "etcdserver: invalid auth token", code: 16 },
          };
    const gateway = open([one.url], { username: "me", password: "secret" });
    await expect(gateway.call("kv/range", {}, undefined)).rejects.toThrow(
      "invalid auth token",
    );
    expect(one.times("auth/authenticate")).toBeLessThanOrEqual(2);
  });

  it("goes without a token where none is asked for", async () => {
    one.answer = ({ path }) =>
      path === "auth/authenticate"
        ? {
            status: 412,
            body: {
              code: 9,
              message: "etcdserver: authentication is not enabled",
            },
          }
        : { body: {} };
    const gateway = open([one.url], { username: "me", password: "secret" });
    await gateway.call("kv/range", {}, undefined);
    expect(one.asked.at(-1)?.headers.authorization).toBeUndefined();
  });
});
