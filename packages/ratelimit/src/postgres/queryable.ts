/** What a store asks of a client: a `Pool` or `Client` of `pg`, or anything that queries likewise. */
export interface Queryable {
  /** Runs one statement by the extended protocol; `values` are texts, numbers, booleans and nulls. */
  query(
    text: string,
    values: unknown[],
  ): Promise<{ readonly rows: readonly unknown[] }>;
}
