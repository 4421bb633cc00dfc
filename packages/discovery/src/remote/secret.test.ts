import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { consulRegistry } from "../registries/consul/index.ts";
import { etcdRegistry } from "../registries/etcd/index.ts";

const endpoints = ["http://127.0.0.1:1"];
const url = "http://127.0.0.1:1";

describe("a secret in options that are refused", () => {
  it.each<[string, () => unknown]>([
    [
      "auth.password",
      () =>
        etcdRegistry({
          endpoints,
          auth: { username: "u", password: 5309 as unknown as string },
        }),
    ],
    ["token", () => consulRegistry({ url, token: 5309 as unknown as string })],
    ["endpoints", () => etcdRegistry({ endpoints: ["ftp://u:5309@host"] })],
    ["endpoints", () => etcdRegistry({ endpoints: ["http://u:5309@host:x"] })],
    ["url", () => consulRegistry({ url: "ftp://u:5309@host" })],
    // Global fetch refuses these, each time and with all of them in its message.
    ["url", () => consulRegistry({ url: "http://u:5309@host" })],
  ])("is not shown: %s", (name, make) => {
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(name);
    expect(make).not.toThrow("5309");
  });
});
