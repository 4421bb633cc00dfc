import { DatabaseSync, StatementSync } from "node:sqlite";

/** How often SQLite was asked for something. */
export interface Counts {
  statements: number;
  commits: number;
}

/** Counts every statement from now on in this process, until `end`. Slows them down: not for a timed run. */
export const countStatements = (): Counts & { readonly end: () => void } => {
  const counts = { statements: 0, commits: 0 };
  const restore: (() => void)[] = [];
  const count = (
    prototype: object,
    name: string,
    sqlOf: (target: unknown, words: readonly unknown[]) => string,
  ): void => {
    const original = Reflect.get(prototype, name) as (
      ...words: unknown[]
    ) => unknown;
    Reflect.set(
      prototype,
      name,
      function (this: unknown, ...words: unknown[]): unknown {
        const sql = sqlOf(this, words);
        counts.statements++;
        if (sql.startsWith("COMMIT")) counts.commits++;
        return original.apply(this, words);
      },
    );
    restore.push(() => void Reflect.set(prototype, name, original));
  };
  count(DatabaseSync.prototype, "exec", (_database, [sql]) => String(sql));
  for (const name of ["run", "get", "all"])
    count(
      StatementSync.prototype,
      name,
      (statement) => (statement as StatementSync).sourceSQL,
    );
  return Object.assign(counts, {
    end: () => {
      for (const undo of restore) undo();
    },
  });
};
