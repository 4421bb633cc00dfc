/** The name of a table or function of a store in SQL, quoted, with its schema. */
export type Naming = (part: string) => string;

/** What a store with this schema and prefix calls its things: the prefix alone is the table. */
export const namingOf =
  (schema: string, prefix: string): Naming =>
  (part) =>
    `"${schema}"."${part === "" ? prefix : `${prefix}_${part}`}"`;
