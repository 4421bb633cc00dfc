import { DatabaseSync } from "node:sqlite";
import { InvalidOptionError } from "@dp/core";
import { StoreError } from "../../errors.ts";

/** Marks the file as one of ours: "dpsg". */
const applicationId = 0x64707367;
/** Grows with every change of the tables. */
const schemaVersion = 1;

const schema = `
CREATE TABLE saga_run (
  run INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  shape TEXT NOT NULL,
  state TEXT NOT NULL,
  gate TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  next_at REAL NOT NULL,
  claims INTEGER NOT NULL,
  cancel TEXT
) STRICT;
CREATE TABLE saga_journal (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  kind TEXT NOT NULL,
  step TEXT,
  attempt INTEGER,
  payload TEXT,
  detail TEXT,
  at REAL NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX saga_run_live ON saga_run (run)
  WHERE state IN ('running', 'compensating', 'stuck');
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;

/** Primary result codes of SQLite. */
const busy = 5;
const notADatabase = 26;

/**
 * Opens the file, or makes it, and locks it for this connection alone until it is closed. Throws a StoreError that says
 * what is wrong with the file.
 */
export const openDatabase = (path: string): DatabaseSync => {
  if (typeof path !== "string" || path === "" || path === ":memory:")
    throw new InvalidOptionError("path", path, "the path of a file");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    prepare(database, path);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof StoreError) throw error;
    throw new StoreError(`${path} ${reasonOf(error)}`, { cause: error });
  }
};

const reasonOf = (error: unknown): string => {
  const code = Number((error as { errcode?: unknown }).errcode) & 0xff;
  if (code === busy)
    return "is in use: a store file belongs to one process, and to one store in it";
  if (code === notADatabase) return "is not an SQLite database";
  return `cannot be opened: ${error instanceof Error ? error.message : String(error)}`;
};

const prepare = (database: DatabaseSync, path: string): void => {
  // Exclusive before WAL: the index of the log stays in this process's memory, and no other can read or write.
  database.exec(`
    PRAGMA busy_timeout = 0;
    PRAGMA locking_mode = EXCLUSIVE;
  `);
  const isOurs = numberOf(database, "application_id") === applicationId;
  const isEmpty =
    database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (!isOurs && !isEmpty)
    throw new StoreError(`${path} is a database of something else`);
  const version = numberOf(database, "user_version");
  if (isOurs && version > schemaVersion)
    throw new StoreError(
      `${path} was written by a newer version of @dp/saga (schema ${version}, this one knows ${schemaVersion})`,
    );
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = 1;
    PRAGMA cache_size = -65536;
    BEGIN EXCLUSIVE;
  `);
  if (isEmpty) database.exec(schema);
  database.exec("COMMIT");
};

const numberOf = (database: DatabaseSync, pragma: string): number =>
  Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma] ?? 0);
