import { readFile, stat } from "node:fs/promises";
import { DpError, type Clock, type Random } from "@dp/core";
import type { Failures } from "../../remote/failures.ts";
import type { Feed } from "../../remote/feed.ts";
import { badFile, DocumentFault, type Document } from "./document.ts";
import { FolderWatch } from "./folder-watch.ts";
import { readJson } from "./json-document.ts";
import { listedServices, type ListedServices } from "./listed-services.ts";
import { readYaml } from "./yaml-document.ts";

/** Far above any list of instances, and small enough to be read again and again. */
const mostBytes = 16 * 1024 * 1024;
/** From the first sign of a change to the look at it: whoever writes is mostly done by then. */
const settleMs = 20;

export interface FileSourceOptions {
  readonly path: string;
  readonly format: "json" | "yaml";
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly failures: Failures;
  /** How a text of that format is taken apart. @defaultValue with the optional peer */
  readonly readYaml?: (text: string) => Promise<Document>;
}

/** What a look found: who is listed, or why that is not known. */
type Outcome<M> =
  { readonly services: ListedServices<M> } | { readonly error: Error };

/** Reads the file when it is asked, when its folder tells of a change and every interval, and tells all feeds. */
export class FileSource<M> {
  readonly #options: FileSourceOptions;
  readonly #folder: FolderWatch;
  readonly #feeds = new Map<string, Feed<M>>();
  #watching: AbortController | undefined;
  #cancelSettle: (() => void) | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #queued: Promise<Outcome<M>> | undefined;
  #text: string | undefined;
  #outcome: Outcome<M> | undefined;
  looks = 0;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    this.#folder = new FolderWatch(
      options.path,
      () => this.#settle(),
      (error) => options.failures.report(badFile(options.path, error)),
    );
  }

  /** See `Follow`: tells the feed of every look until the signal aborts. */
  follow(service: string, feed: Feed<M>, signal: AbortSignal): Promise<void> {
    return new Promise((_resolve, reject) => {
      const leave = (): void => {
        if (this.#feeds.get(service) === feed) this.#feeds.delete(service);
        if (this.#feeds.size === 0) this.#stop();
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#feeds.set(service, feed);
      if (this.#watching !== undefined) void this.#look();
      else void this.#watch((this.#watching = new AbortController()).signal);
    });
  }

  /** Who is listed now, with the objects of the feeds where there is one. Rejects when that cannot be known. */
  async services(): Promise<ListedServices<M>> {
    const outcome = await this.#look();
    if ("error" in outcome) throw outcome.error;
    const services = new Map(outcome.services);
    for (const [service, { known, instances }] of this.#feeds)
      if (known) services.set(service, new Map(instances));
    return services;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, random, intervalMs } = this.#options;
    while (!signal.aborted) {
      // Anew each time, for the folder may be another one. What changed before is seen by the look after it.
      this.#folder.open();
      await this.#look();
      const waitMs = intervalMs * (0.8 + 0.2 * random());
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  #stop(): void {
    this.#watching?.abort();
    this.#watching = undefined;
    this.#folder.close();
    this.#cancelSettle?.();
    this.#cancelSettle = undefined;
  }

  #settle(): void {
    this.#cancelSettle ??= this.#options.clock.schedule(settleMs, () => {
      this.#cancelSettle = undefined;
      void this.#look();
    });
  }

  /** One look at a time. Whoever asks gets one that has not begun, for the one under way may have read before a change. */
  #look(): Promise<Outcome<M>> {
    this.#queued ??= this.#running.then(() => {
      this.#queued = undefined;
      const look = this.#lookNow();
      this.#running = look;
      return look;
    });
    return this.#queued;
  }

  async #lookNow(): Promise<Outcome<M>> {
    this.looks++;
    const outcome = await this.#read();
    if ("error" in outcome) {
      this.#options.failures.report(outcome.error);
      for (const feed of this.#feeds.values()) feed.lost(outcome.error);
    } else
      for (const [service, feed] of this.#feeds)
        feed.observe(outcome.services.get(service) ?? new Map());
    return outcome;
  }

  async #read(): Promise<Outcome<M>> {
    const { path } = this.#options;
    try {
      const found = await stat(path);
      // A pipe would be waited for until somebody writes, and there is one look at a time.
      if (!found.isFile()) throw new DocumentFault("is not a file");
      if (found.size > mostBytes)
        throw new DocumentFault(`has more than ${mostBytes} bytes`);
      const text = (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
      // The text itself and not its time and size: an edit of equal length within the grain of the time is one too.
      if (text !== this.#text || this.#outcome === undefined) {
        this.#text = text;
        this.#outcome = undefined;
        this.#outcome = await this.#outcomeOf(text);
      }
      return this.#outcome;
    } catch (cause) {
      return { error: badFile(path, cause) };
    }
  }

  async #outcomeOf(text: string): Promise<Outcome<M>> {
    const { path, format, readYaml: takeApart = readYaml } = this.#options;
    try {
      if (text.trim() === "") throw new DocumentFault("is empty", 1);
      const document =
        format === "json" ? readJson(text) : await takeApart(text);
      return { services: listedServices<M>(document) };
    } catch (cause) {
      // No fault of the text: the next look may find the package.
      if (DpError.is(cause) && cause.code === "DP_MISSING_PACKAGE") throw cause;
      return { error: badFile(path, cause) };
    }
  }
}
