import { open, readFile, rename, rm } from "node:fs/promises";
import type { Clock, Random } from "@dp/core";
import { draftOf, removeAbandoned } from "./drafts.ts";
import {
  decodeSnapshot,
  encodeSnapshot,
  type StoredSnapshot,
} from "./snapshot-format.ts";

/** From one write to the next. */
const restMs = 1000;

export interface SnapshotFileListener<M> {
  /** What the file of an earlier process says. */
  found(snapshot: StoredSnapshot<M>): void;
  /** The file is there and cannot be used, or could not be written. */
  failed(operation: "read" | "write"): void;
  /** What to write; undefined: nothing worth it is known. */
  current(): StoredSnapshot<M> | undefined;
}

/**
 * The file that carries what a view knows over to the next process. Read once, at construction; written at the first
 * change and then at most once a second, as a whole or not at all: to a file beside it, flushed to the disk, which then
 * takes its name. Instances that JSON cannot carry are left out. No failure is thrown: it is told and tried again at the
 * next change. What processes that were killed while they wrote have left beside it goes when the file is read, an hour
 * later or more.
 */
export class SnapshotFile<M> {
  readonly #path: string;
  readonly #service: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #listener: SnapshotFileListener<M>;
  #cancelTimer: (() => void) | undefined;
  #writtenMs = -Infinity;
  #writing: Promise<void> | undefined;
  #isDirty = false;
  #isClosed = false;
  /** The last thing that went wrong, in one line of words; empty if nothing did since. */
  trouble = "";

  constructor(
    path: string,
    service: string,
    clock: Clock,
    random: Random,
    listener: SnapshotFileListener<M>,
  ) {
    this.#path = path;
    this.#service = service;
    this.#clock = clock;
    this.#random = random;
    this.#listener = listener;
    void this.#read();
  }

  /** There is something new to write. */
  changed(): void {
    this.#isDirty = true;
    this.#plan();
  }

  /** Writes the last that is known, with the time until which it was. No timer is left; never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer?.();
    const last = this.#listener.current();
    await this.#writing;
    await this.#write(last);
  }

  async #read(): Promise<void> {
    try {
      const text = await readFile(this.#path, "utf8");
      const snapshot = decodeSnapshot<M>(this.#service, text);
      if (!this.#isClosed) this.#listener.found(snapshot);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") this.#failed("read", error);
    }
    // Where it cannot be done nothing is lost but room.
    await removeAbandoned(this.#path, this.#clock.wallNow()).catch(
      () => undefined,
    );
  }

  #plan(): void {
    if (this.#isClosed || !this.#isDirty) return;
    if (this.#cancelTimer !== undefined || this.#writing !== undefined) return;
    const waitMs = this.#writtenMs + restMs - this.#clock.now();
    this.#cancelTimer = this.#clock.schedule(waitMs, () => {
      this.#cancelTimer = undefined;
      this.#writing = this.#write(this.#listener.current()).finally(() => {
        this.#writing = undefined;
        this.#plan();
      });
    });
  }

  async #write(snapshot: StoredSnapshot<M> | undefined): Promise<void> {
    this.#isDirty = false;
    this.#writtenMs = this.#clock.now();
    if (snapshot === undefined) return;
    const draft = draftOf(this.#path, this.#random);
    try {
      const { text, leftOut } = encodeSnapshot(this.#service, snapshot);
      await writeWhole(draft, text);
      await rename(draft, this.#path);
      this.trouble = leftOut.length === 0 ? "" : lacking(leftOut);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      this.#failed("write", error);
    }
  }

  #failed(operation: "read" | "write", error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.trouble = inOneLine(
      `snapshot file not ${operation === "read" ? "used" : "written"}: ${why}`,
    );
    this.#listener.failed(operation);
  }
}

const inOneLine = (text: string): string =>
  text.replace(/[\n\r\u2028\u2029]+/g, " ");

/** Of thousands of ids a few are enough to find the reason. */
const lacking = (ids: readonly string[]): string => {
  const named = ids.length > 3 ? [...ids.slice(0, 3), "…"] : ids;
  return inOneLine(
    `snapshot file written without ${ids.length} that JSON cannot carry: ${named.join(", ")}`,
  );
};

const writeWhole = async (path: string, text: string): Promise<void> => {
  const file = await open(path, "wx");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;
