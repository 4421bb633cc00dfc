import type { Clock } from "@dp/core";
import { answerOf, readOutcome, type Found } from "../remote/answer.ts";
import {
  blockUs,
  decidingFor,
  microseconds,
  requireKinds,
} from "../remote/deciding.ts";
import type {
  BoundPolicy,
  StoreAnswer,
  StoreSession,
} from "../stores/store.ts";
import { arrayOf, valuesOf, type Part } from "./operation.ts";
import { RowNamer } from "./row-keys.ts";
import { kinds } from "./sql/counting.ts";
import type { Naming } from "./sql/names.ts";
import type { Statements } from "./statements.ts";

/** What the sessions of one store share. */
export interface SessionParts {
  readonly statements: Statements;
  readonly of: Naming;
}

/** The policies of one limiter in PostgreSQL. */
export class PostgresSession implements StoreSession {
  readonly #statements: Statements;
  readonly #of: Naming;
  readonly #namer: RowNamer;
  readonly #bound: readonly BoundPolicy[];
  readonly #clock: Clock | undefined;

  constructor(
    { statements, of }: SessionParts,
    bound: readonly BoundPolicy[],
    clock: Clock | undefined,
  ) {
    requireKinds("PostgreSQL", kinds, bound);
    this.#statements = statements;
    this.#of = of;
    this.#namer = new RowNamer(bound);
    this.#bound = bound;
    this.#clock = clock;
  }

  async decide(
    subjects: readonly string[],
    cost: number,
    commit: boolean,
  ): Promise<StoreAnswer> {
    const nowMs = this.#clock?.now();
    const parts = this.#parts(subjects, nowMs);
    const values = valuesOf(parts);
    const reply = await this.#statements.run(
      `select ${this.#of("decide")}($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8, $6::boolean, $7::float8)`,
      [
        values.keys,
        values.blockKeys,
        values.kinds,
        values.numbers,
        String(cost),
        String(commit && cost > 0),
        microsecondsOf(nowMs),
      ],
    );
    const { refusal, found } = readOutcome(reply, parts);
    const inOrder = found.slice();
    for (const [place, { index }] of parts.entries())
      inOrder[index] = found[place] as Found;
    return answerOf({ refusal, found: inOrder }, cost);
  }

  async adjust(
    subjects: readonly string[],
    amount: number,
    skipped?: readonly boolean[],
  ): Promise<void> {
    const nowMs = this.#clock?.now();
    const parts = this.#parts(subjects, nowMs).filter(
      ({ index }) => skipped?.[index] !== true,
    );
    if (parts.length === 0) return;
    const { keys, kinds: kindNames, numbers } = valuesOf(parts);
    await this.#statements.run(
      `select ${this.#of("adjust")}($1::text[], $2::text[], $3::float8[], $4::float8, $5::float8)`,
      [keys, kindNames, numbers, String(amount), microsecondsOf(nowMs)],
    );
  }

  async block(subjects: readonly string[], forMs: number): Promise<void> {
    const nowMs = this.#clock?.now();
    const keys = this.#parts(subjects, nowMs).map(
      ({ key, blockKey }) => blockKey ?? key,
    );
    await this.#statements.run(
      `select ${this.#of("block")}($1::text[], $2::float8, $3::float8)`,
      [arrayOf(keys.sort()), String(blockUs(forMs)), microsecondsOf(nowMs)],
    );
  }

  async reset(subjects: readonly string[]): Promise<void> {
    const keys = this.#parts(subjects, undefined).flatMap(
      ({ key, blockKey }) => (blockKey === null ? [key] : [key, blockKey]),
    );
    await this.#statements.run(`select ${this.#of("reset")}($1::text[])`, [
      arrayOf(keys.sort()),
    ]);
  }

  /** The parts of an operation in the order of their keys, which is that of locking. */
  #parts(
    subjects: readonly string[],
    nowMs: number | undefined,
  ): readonly Part[] {
    const parts = this.#bound.map((bound, index): Part => {
      const subject = subjects[index] as string;
      const { policy, now } = decidingFor(bound, subject, nowMs, this.#clock);
      const keys = this.#namer.keys(index, policy, subject);
      return { index, policy, ...keys, flag: bound.enforced, now };
    });
    return parts.sort((one, other) => (one.key < other.key ? -1 : 1));
  }
}

const microsecondsOf = (nowMs: number | undefined): string | null =>
  nowMs === undefined ? null : String(microseconds(nowMs));
