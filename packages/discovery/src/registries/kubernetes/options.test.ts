import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidOptionError } from "@dp/core";
import { describe, expect, it } from "vitest";
import { kubernetesRegistry } from "./index.ts";
import { resolveKubernetesOptions } from "./options.ts";

const env = {
  KUBERNETES_SERVICE_HOST: "10.96.0.1",
  KUBERNETES_SERVICE_PORT: "6443",
};

describe("in a cluster", () => {
  it("url, namespace, token and certificates are the pod's, and the token is read again", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dp-pod-"));
    try {
      writeFileSync(join(folder, "namespace"), "shop\n");
      writeFileSync(join(folder, "ca.crt"), "PEM\n");
      writeFileSync(join(folder, "token"), "first\n");
      const resolved = resolveKubernetesOptions({}, env, folder);
      expect(resolved.url.href).toBe("https://10.96.0.1:6443/");
      expect(resolved.namespace).toBe("shop");
      expect(await resolved.credentials()).toEqual({
        token: "first",
        ca: "PEM",
      });
      writeFileSync(join(folder, "token"), "second\n");
      expect((await resolved.credentials()).token).toBe("second");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("an address of IPv6 is put in brackets, and the namespace may be unknown", () => {
    const pod = { KUBERNETES_SERVICE_HOST: "fd00::1" };
    const { url, namespace } = resolveKubernetesOptions({}, pod, "/nowhere");
    expect(url.href).toBe("https://[fd00::1]/");
    expect(namespace).toBe("default");
  });
});

describe("with an url", () => {
  it("nothing is taken from the pod", async () => {
    const url = "http://127.0.0.1:8001/base";
    const resolved = resolveKubernetesOptions({ url }, env, "/nowhere");
    expect(resolved.namespace).toBe("default");
    expect(await resolved.credentials()).toEqual({});
  });

  it("the token may be a function, asked each time", async () => {
    let count = 0;
    const token = () => Promise.resolve(`t${count++}`);
    const { credentials } = resolveKubernetesOptions(
      { url: "http://a", token, ca: "PEM" },
      {},
    );
    expect(await credentials()).toEqual({ token: "t0", ca: "PEM" });
    expect((await credentials()).token).toBe("t1");
  });
});

it("options that cannot be honoured are refused", () => {
  const url = "https://a";
  expect(() => resolveKubernetesOptions({}, {})).toThrow(
    /KUBERNETES_SERVICE_HOST/,
  );
  for (const bad of [
    { url: "a" },
    { url: "ftp://a" },
    { url, namespace: "" },
    { url, port: 0 },
    { url, port: "" },
  ])
    expect(() => kubernetesRegistry(bad)).toThrow(InvalidOptionError);
});
