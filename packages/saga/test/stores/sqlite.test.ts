import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { createOrchestrator, saga, type RunHead } from "@dp/saga";
import { sqliteStore } from "@dp/saga/sqlite";
import { newPath } from "./folder.ts";

const head = (id: string): RunHead => ({
  id,
  name: "order",
  version: 1,
  shape: "a",
});
const started = [{ kind: "started", payload: "1" } as const];
const ann = { worker: "ann", leaseMs: 60_000 };
const definitions = [{ name: "order", version: 1 }];

describe("a store file", () => {
  it("has everything after it was closed and opened again, due at once: who held it is gone", async () => {
    const path = newPath();
    {
      await using store = sqliteStore(path);
      await store.start(head("r"), started, ann, "too-late");
      await store.start(head("s"), started, undefined, "open");
      await store.requestCancel("s", "why");
    }
    await using store = sqliteStore(path);
    expect(await store.requestCancel("r", "")).toBe("too-late");
    const runs = await store.claim(ann, definitions, 10, new Set());
    expect(runs).toMatchObject([
      { id: "r", epoch: 2, claims: 1, entries: [{ kind: "started" }] },
      { id: "s", epoch: 1, claims: 1, cancel: "why" },
    ]);
  });

  it("counts epochs and claims on over restarts", async () => {
    const path = newPath();
    for (let claims = 1; claims <= 3; claims++) {
      await using store = sqliteStore(path);
      await store.start(head("r"), started, undefined, "open");
      const [run] = await store.claim(ann, definitions, 1, new Set());
      expect(run).toMatchObject({ epoch: claims, claims });
    }
  });

  it("belongs to one store of one process", async () => {
    const path = newPath();
    await using store = sqliteStore(path);
    await store.open();
    expect(() => sqliteStore(path)).toThrow(`${path} is in use`);
    const child = fork(
      fileURLToPath(new URL("writer.ts", import.meta.url)),
      [path],
      { execArgv: ["--conditions=@dp/source"], silent: true },
    );
    const texts: string[] = [];
    child.stderr?.on("data", (text: Buffer) => texts.push(String(text)));
    await once(child, "close");
    expect(texts.join("")).toContain(`${path} is in use`);
  });

  it("has what was answered and no gap after kill -9", async () => {
    const path = newPath();
    const child = fork(
      fileURLToPath(new URL("writer.ts", import.meta.url)),
      [path],
      { execArgv: ["--conditions=@dp/source"] },
    );
    let acknowledged = 0;
    child.on("message", (count: number) => {
      acknowledged = count;
      if (count === 200) child.kill("SIGKILL");
    });
    await once(child, "exit");
    expect(acknowledged).toBeGreaterThanOrEqual(200);
    await using store = sqliteStore(path);
    for (let count = 1; count <= acknowledged; count++)
      expect((await store.read(`r${count}`))?.entries).toMatchObject([
        { seq: 1, kind: "started", payload: `${count}` },
        { seq: 2, kind: "intent" },
        { seq: 3, kind: "ok" },
      ]);
  });

  it("is refused if it is something else, or newer", async () => {
    const text = newPath();
    writeFileSync(text, "no database at all, but long enough to look at it");
    expect(() => sqliteStore(text)).toThrow("is not an SQLite database");

    const foreign = newPath();
    const other = new DatabaseSync(foreign);
    other.exec("CREATE TABLE mine (a)");
    other.close();
    expect(() => sqliteStore(foreign)).toThrow("database of something else");

    const newer = newPath();
    await sqliteStore(newer).close();
    const database = new DatabaseSync(newer);
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => sqliteStore(newer)).toThrow("schema 99, this one knows 1");

    expect(() => sqliteStore("/nowhere/at/all.db")).toThrow("cannot be opened");
    expect(() => sqliteStore("")).toThrow("path");
  });
});

describe("what is asked for in one turn of the event loop", () => {
  it("is one transaction", async () => {
    const prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
    await using store = sqliteStore(newPath());
    const commit = prepare.mock.results
      .map(({ value }) => value as { sourceSQL: string; run: () => unknown })
      .find(({ sourceSQL }) => sourceSQL === "COMMIT");
    prepare.mockRestore();
    const run = vi.spyOn(commit!, "run");
    await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        store.start(head(`r${at}`), started, ann, "open"),
      ),
    );
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("fails alone where it fails", async () => {
    await using store = sqliteStore(newPath());
    const bad = {} as unknown;
    const answers = await Promise.allSettled([
      store.start(head("a"), started, ann, "open"),
      store.start(
        { ...head("b"), version: bad as number },
        started,
        ann,
        "open",
      ),
      store.start(head("c"), started, ann, "open"),
      store.start(
        head("d"),
        [{ kind: "started", payload: bad as string }],
        ann,
        "open",
      ),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    const found = await store.list({ limit: 10 });
    expect(found.map(({ id }) => id)).toEqual(["a", "c"]);
    const seized = await store.seize(ann, "d");
    expect(seized).toBeUndefined();
  });
});

describe("an orchestrator on a file", () => {
  it("goes on with what another one left, without waiting for its lease", async () => {
    const path = newPath();
    let isDead = true;
    const calls: string[] = [];
    const definition = saga("order")
      .step("a", {
        execute: ({ attempt, epoch }) => {
          calls.push(`attempt ${attempt} of epoch ${epoch}`);
          return isDead ? new Promise<number>(() => undefined) : 7;
        },
      })
      .result(({ steps }) => steps.a);
    const first = sqliteStore(path);
    const dead = await createOrchestrator({
      store: first,
      sagas: [definition],
      lease: "1h",
    });
    await dead.start(definition, "r", undefined);
    // As good as killed: it can write nothing any more.
    await first.close();
    isDead = false;
    await using store = sqliteStore(path);
    await using orchestrator = await createOrchestrator({
      store,
      sagas: [definition],
    });
    expect(await orchestrator.handle("r").result()).toBe(7);
    expect(calls).toEqual(["attempt 1 of epoch 1", "attempt 1 of epoch 2"]);
  });
});

describe("a damaged store file", () => {
  it("is told as such, and not locked afterwards", async () => {
    const path = newPath();
    await sqliteStore(path).close();
    const database = new DatabaseSync(path);
    database.exec("DROP TABLE saga_journal");
    database.close();
    expect(() => sqliteStore(path)).toThrow(`${path} is damaged`);
    expect(() => sqliteStore(path)).toThrow(`${path} is damaged`);
  });
});
