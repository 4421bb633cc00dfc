import type { Clock } from "@dp/core";
import type { LeaseStore } from "../leases/lease-store.ts";
import { microseconds } from "../remote/deciding.ts";
import { nameOf } from "./row-keys.ts";
import type { Naming } from "./sql/names.ts";
import type { Statements } from "./statements.ts";

/** Leases in PostgreSQL: a row for each hold. One statement each. */
export class PostgresLeases implements LeaseStore {
  readonly #statements: Statements;
  readonly #text: string;
  readonly #clock: Clock | undefined;

  constructor(statements: Statements, of: Naming, clock: Clock | undefined) {
    this.#statements = statements;
    this.#text = `select ${of("lease")}($1::text, $2::text, $3::text, $4::float8, $5::float8, $6::float8)`;
    this.#clock = clock;
  }

  acquire(
    key: string,
    owner: string,
    max: number,
    ttlMs: number,
  ): Promise<boolean> {
    return this.#ask("acquire", key, owner, ttlMs, max);
  }

  renew(key: string, owner: string, ttlMs: number): Promise<boolean> {
    return this.#ask("renew", key, owner, ttlMs, 0);
  }

  release(key: string, owner: string): Promise<boolean> {
    return this.#ask("release", key, owner, 0, 0);
  }

  async #ask(
    operation: "acquire" | "renew" | "release",
    key: string,
    owner: string,
    ttlMs: number,
    max: number,
  ): Promise<boolean> {
    const nowMs = this.#clock?.now();
    const reply = await this.#statements.run(this.#text, [
      operation,
      nameOf(key),
      nameOf(owner),
      String(microseconds(ttlMs)),
      String(max),
      nowMs === undefined ? null : String(microseconds(nowMs)),
    ]);
    return reply === "1";
  }
}
