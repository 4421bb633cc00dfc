import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { memoryStore } from "@dp/saga";
import { commitsOf } from "./engine.ts";
import { floorOf } from "./floor.ts";

it("the bare journal writes the rows that a saga writes, in as many commits", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dp-floor-"));
  try {
    const commits = await commitsOf(memoryStore());
    expect(commits.map((entries) => entries.map(({ kind }) => kind))).toEqual([
      ["started", "intent"],
      ["ok", "intent"],
      ["ok", "intent"],
      ["ok", "completed"],
    ]);
    const path = join(folder, "floor.db");
    const floor = floorOf(path, commits);
    await Promise.all(["a", "b"].map((id) => floor.run(id)));
    await floor.close();
    const database = new DatabaseSync(path);
    const rows = database.prepare("SELECT kind FROM journal WHERE run = 2");
    expect(rows.all().map(({ kind }) => kind)).toEqual(
      commits.flat().map(({ kind }) => kind),
    );
    const runs = database.prepare("SELECT id, state FROM run ORDER BY id");
    expect(runs.all()).toMatchObject([
      { id: "a", state: "completed" },
      { id: "b", state: "completed" },
    ]);
    database.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
