import type { DatabaseSync, StatementSync } from "node:sqlite";
import { StoreError } from "../../errors.ts";
import { atEndOfTurn } from "./end-of-turn.ts";

interface Job {
  readonly work: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** What takes part in every transaction. */
export interface Participant {
  /** Writes what it has kept back. */
  readonly beforeCommit: () => void;
  /** Brings memory in line with the file after something was undone. */
  readonly restore: () => void;
}

/**
 * Carries out everything asked for in one turn of the event loop in one transaction, in order, and answers when it is
 * durable: one flush of the disk for all. If something fails, all of it is undone and each is tried again by itself, so
 * that one failure is one failure.
 */
export class GroupCommit {
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #database: DatabaseSync;
  readonly #participant: Participant;
  #jobs: Job[] = [];
  /** Whether something was undone that memory still shows. */
  #isTorn = false;
  #closing: Promise<void> | undefined;

  constructor(database: DatabaseSync, participant: Participant) {
    this.#database = database;
    this.#participant = participant;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#end = database.prepare("COMMIT");
  }

  /** Does `work` within the turn's transaction; resolves with what it returned. */
  do<T>(work: () => T): Promise<T> {
    if (this.#closing !== undefined)
      return Promise.reject(new StoreError("the sqlite store was closed"));
    return this.#add(work);
  }

  /** Carries out what was asked for before, then nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#add(() => undefined).catch(() => undefined);
    return this.#closing;
  }

  #add<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let answer: T;
      if (this.#jobs.length === 0) atEndOfTurn(() => this.#flush());
      this.#jobs.push({
        work: () => {
          answer = work();
        },
        done: () => resolve(answer),
        failed: reject,
      });
    });
  }

  #flush(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    const error = this.#commit(jobs);
    if (error === undefined) for (const { done } of jobs) done();
    else if (jobs.length === 1) jobs[0]?.failed(error);
    else
      for (const job of jobs) {
        const own = this.#commit([job]);
        if (own === undefined) job.done();
        else job.failed(own);
      }
  }

  /** Why it failed, if it did; then nothing was done. */
  #commit(jobs: readonly Job[]): StoreError | undefined {
    try {
      if (this.#isTorn) this.#participant.restore();
      this.#isTorn = false;
      this.#begin.run();
      for (const { work } of jobs) work();
      this.#participant.beforeCommit();
      this.#end.run();
      return undefined;
    } catch (cause) {
      this.#isTorn = true;
      this.#rollBack();
      const message = cause instanceof Error ? cause.message : String(cause);
      return new StoreError(`the sqlite store failed: ${message}`, { cause });
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // A failed commit may have ended the transaction already.
    }
  }
}
