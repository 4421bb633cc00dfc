import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { etcdRegistry } from "./etcd-registry.ts";
import { resolveEtcdOptions, type EtcdRegistryOptions } from "./options.ts";

const endpoints = ["http://127.0.0.1:2379"];

describe("the options of etcdRegistry", () => {
  it("are defaults where undefined", () => {
    const given = {
      endpoints,
      prefix: undefined,
      auth: undefined,
      tls: undefined,
      detect: undefined,
    };
    expect(resolveEtcdOptions(given)).toMatchObject({
      prefix: "/dp/discovery",
      detectMs: 5000,
      auth: undefined,
    });
  });

  it("keep a path of an endpoint", () => {
    const [url] = resolveEtcdOptions({
      endpoints: ["https://proxy/etcd"],
    }).endpoints;
    expect(new URL("v3/watch", url).href).toBe("https://proxy/etcd/v3/watch");
  });

  it.each<[string, Partial<Record<keyof EtcdRegistryOptions, unknown>>]>([
    ["endpoints", { endpoints: [] }],
    ["endpoints", { endpoints: "http://127.0.0.1:2379" }],
    ["endpoints", { endpoints: ["127.0.0.1:2379"] }],
    ["endpoints", { endpoints: ["ftp://127.0.0.1"] }],
    ["prefix", { prefix: "" }],
    ["prefix", { prefix: "/\ud800" }],
    ["detect", { detect: 99 }],
    ["detect", { detect: "soon" }],
    ["auth.username", { auth: { username: "", password: "x" } }],
    ["auth.password", { auth: { username: "x" } }],
  ])("refuse a bad value of %s, by name", (name, bad) => {
    const make = (): unknown =>
      etcdRegistry({ endpoints, ...bad } as EtcdRegistryOptions);
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(name);
  });

  it("let a listener throw without harm", () => {
    const { failures } = resolveEtcdOptions({
      endpoints,
      onError: () => {
        throw new Error("of the listener");
      },
    });
    expect(() => failures.report(new Error("x"))).not.toThrow();
    expect(failures.count).toBe(1);
  });
});
