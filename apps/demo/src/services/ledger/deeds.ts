import type { StatementSync } from "node:sqlite";
import type { LedgerFile } from "./ledger-file.ts";

/** The table of a ledger's deeds. */
export const deedsSchema = `
  CREATE TABLE IF NOT EXISTS deeds (
    key TEXT PRIMARY KEY,
    content TEXT,
    state TEXT NOT NULL CHECK (state IN ('done', 'undone', 'void')),
    repeats INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;`;

/**
 * - `done`: now, or by an earlier call with this key (`isRepeat`).
 * - `void`: it was undone before, perhaps before it was ever done; then it must not happen any more.
 * - `other`: the key stands for something else.
 * - `refused`: not now; nothing was kept, not even the key.
 */
export type Deed =
  | { readonly kind: "done"; readonly isRepeat: boolean }
  | { readonly kind: "void" | "other" }
  | { readonly kind: "refused"; readonly why: string };

/** How many deeds there are, and how many calls found theirs done or undone already. */
export interface DeedCounts {
  readonly done: number;
  readonly undone: number;
  /** Undone before they were ever done: tombstones. */
  readonly void: number;
  readonly repeats: number;
}

interface Row {
  readonly content: string | null;
  readonly state: "done" | "undone" | "void";
}

/**
 * What others may ask of a ledger, each deed under a key that whoever asks has chosen: it happens once however often it
 * is asked for, is undone once, and happens no more after that, also when the wish to undo it overtook it on the way.
 */
export class Deeds {
  readonly #file: LedgerFile;
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #undo: StatementSync;
  readonly #repeat: StatementSync;
  readonly #count: StatementSync;

  constructor(file: LedgerFile) {
    this.#file = file;
    this.#find = file.prepare("SELECT content, state FROM deeds WHERE key = ?");
    this.#add = file.prepare(
      "INSERT INTO deeds (key, content, state) VALUES (?, ?, ?)",
    );
    this.#undo = file.prepare(
      "UPDATE deeds SET state = 'undone' WHERE key = ?",
    );
    this.#repeat = file.prepare(
      "UPDATE deeds SET repeats = repeats + 1 WHERE key = ?",
    );
    this.#count = file.prepare(
      "SELECT state, count(*) AS deeds, sum(repeats) AS repeats FROM deeds GROUP BY state",
    );
  }

  /** Does it unless the key is known; `work` belongs to the same transaction and tells why it cannot be, if so. */
  do(
    key: string,
    content: string,
    work: () => string | undefined,
  ): Promise<Deed> {
    return this.#file.transact((): Deed => {
      const row = this.#row(key);
      if (row === undefined) {
        const why = work();
        if (why !== undefined) return { kind: "refused", why };
        this.#add.run(key, content, "done");
        return { kind: "done", isRepeat: false };
      }
      this.#repeat.run(key);
      if (row.state !== "done") return { kind: "void" };
      return row.content === content
        ? { kind: "done", isRepeat: true }
        : { kind: "other" };
    });
  }

  /** Undoes it by `work`, which gets its content, or sees to it that it never happens. */
  undo(key: string, work: (content: string) => void): Promise<void> {
    return this.#file.transact(() => {
      const row = this.#row(key);
      if (row === undefined) this.#add.run(key, null, "void");
      else if (row.state !== "done") this.#repeat.run(key);
      else {
        work(row.content ?? "");
        this.#undo.run(key);
      }
    });
  }

  /** The content of what is done and not undone. */
  find(key: string): string | undefined {
    const row = this.#row(key);
    return row?.state === "done" ? (row.content ?? "") : undefined;
  }

  count(): DeedCounts {
    const counts = { done: 0, undone: 0, void: 0, repeats: 0 };
    for (const row of this.#count.all()) {
      counts[row["state"] as Row["state"]] = row["deeds"] as number;
      counts.repeats += row["repeats"] as number;
    }
    return counts;
  }

  #row(key: string): Row | undefined {
    return this.#find.get(key) as unknown as Row | undefined;
  }
}
