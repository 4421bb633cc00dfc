import { servicesSkipped, startEtcd, type Server } from "@dp/services";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  EtcdError,
  etcdRegistry,
  type EtcdRegistryOptions,
} from "../../../src/registries/etcd/index.ts";
import { base64, call } from "../../raw-etcd.ts";
import { Recorder } from "../../recorder.ts";

const prefix = "/dp/discovery";
const root = { name: "root", password: "secret" };
const web = { service: "web", host: "10.0.0.1", port: 80 };

let etcd: Server;
const options = (username: string, password: string): EtcdRegistryOptions => ({
  endpoints: [etcd.url],
  auth: { username, password },
});

/** As root, by hand. */
const asRoot = async (path: string, body: object): Promise<void> => {
  const { token } = await call<{ token: string }>(
    etcd.url,
    "auth/authenticate",
    root,
  );
  await call(etcd.url, path, body, { authorization: token });
};

describe.skipIf(servicesSkipped)("an etcd that asks who is there", () => {
  beforeAll(async () => {
    etcd = await startEtcd();
    const ask = (path: string, body: object): Promise<unknown> =>
      call(etcd.url, path, body);
    await ask("auth/user/add", root);
    await ask("auth/role/add", { name: "root" });
    await ask("auth/user/grant", { user: "root", role: "root" });
    await ask("auth/user/add", { name: "registry", password: "open sesame" });
    await ask("auth/role/add", { name: "discovery" });
    await ask("auth/role/grant", {
      name: "discovery",
      perm: {
        permType: "READWRITE",
        key: base64(`${prefix}/`),
        range_end: base64(`${prefix}0`),
      },
    });
    await ask("auth/user/grant", { user: "registry", role: "discovery" });
    await ask("auth/enable", {});
  });
  afterAll(() => etcd.stop());

  it("is satisfied with a user that may read and write below the prefix", async () => {
    await using registry = etcdRegistry(options("registry", "open sesame"));
    const watcher = new Recorder(registry, "web");
    const a = await registry.register(web);
    await expect.poll(() => watcher.ids).toEqual([a.instance.id]);
    await a.close();
    await expect
      .poll(() => watcher.removals)
      .toEqual([`${a.instance.id} deregistered`]);
  });

  it("gives a new token when the old one is refused, to calls and to watches", async () => {
    await using registry = etcdRegistry({
      ...options("registry", "open sesame"),
      random: () => 0.01,
    });
    const watcher = new Recorder(registry, "web");
    const a = await registry.register(web);
    await expect.poll(() => watcher.ids).toEqual([a.instance.id]);
    // A change of rights makes the tokens of before worthless, and a restart forgets them.
    await asRoot("auth/role/add", { name: "other" });
    await a.update({ weight: 2 });
    await expect.poll(() => watcher.story.at(-1)).toBe("delta");
    await etcd.restart();
    await a.update({ weight: 3 });
    await expect
      .poll(() => watcher.events.at(-1))
      .toMatchObject({
        type: "delta",
        changes: [{ op: "put", instance: { weight: 3 } }],
      });
  });

  it("refuses a wrong password and a user without rights, and says which", async () => {
    await using wrong = etcdRegistry(options("registry", "wrong"));
    await expect(wrong.list("web")).rejects.toThrow(/authentication failed/);
    await using elsewhere = etcdRegistry({
      ...options("registry", "open sesame"),
      prefix: "/else",
    });
    await expect(elsewhere.list("web")).rejects.toSatisfy(
      (error) =>
        EtcdError.is(error) && error.grpcCode === 7 && !error.retryable,
    );
    await using nobody = etcdRegistry({ endpoints: [etcd.url] });
    await expect(nobody.list("web")).rejects.toThrow(/user name is empty/);
  });
});
