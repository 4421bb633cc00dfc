import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireBinary, servicesSkipped } from "./binaries.ts";
import { startPostgres } from "./postgres.ts";
import type { Server } from "./server.ts";
import { isAlive } from "./testing/processes.ts";

describe.skipIf(servicesSkipped)("startPostgres", () => {
  let postgres: Server;
  let psql: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    psql = join(dirname(await requireBinary("postgres")), "psql");
  }, 60_000);
  afterAll(() => postgres.stop());

  const ask = (sql: string): string =>
    execFileSync(psql, ["-XAtq", "-d", postgres.url, "-c", sql], {
      encoding: "utf8",
    }).trim();

  it("runs as a user without privileges", () => {
    const status = readFileSync(`/proc/${postgres.pid!}/status`, "utf8");
    expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])).toBeGreaterThan(0);
  });

  it("keeps committed rows over a kill -9 and comes back on the same port", async () => {
    const { pid, port } = postgres;
    ask("create table kept (word text); insert into kept values ('yes')");
    await postgres.kill();
    expect(isAlive(pid!)).toBe(false);
    await postgres.restart();
    expect(postgres.port).toBe(port);
    expect(ask("select word from kept")).toBe("yes");
  });

  it("syncs commits to the disk", () => {
    expect(ask("show fsync")).toBe("on");
  });
});
