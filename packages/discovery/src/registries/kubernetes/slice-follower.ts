import { DpError, type Clock, type Random } from "@dp/core";
import type { Instance } from "../../instance.ts";
import { Backoff } from "../../remote/backoff.ts";
import { saysTheSame } from "../../remote/changes-between.ts";
import type { Failures } from "../../remote/failures.ts";
import type { Feed } from "../../remote/feed.ts";
import { ApiError } from "./api-server.ts";
import {
  nameOf,
  readSlice,
  unionOf,
  versionOf,
  type Slice,
} from "./endpoint-slice.ts";
import type { Selection, SliceApi, SliceEvent } from "./slice-api.ts";

/** The server is asked to end a watch after about two minutes: half-open connections are found out that soon. */
const watchSeconds = 120;
const marginMs = 10_000;
/** An ERROR about the version comes at once; a watch that has been open for this long has missed nothing. */
const quietMs = 1_000;
/** An endpoint that moves may leave one slice before it enters the other. */
const moveMs = 200;

/** Codes of errors that say that a watch brought something else than events. */
const badAnswers = ["DP_BAD_ANSWER", "DP_TOO_LONG"];

/** How far a feed is. */
interface Progress {
  /** By name. One that can no longer be read is as it was when it could be. */
  slices: Map<string, Slice>;
  /** After which a watch starts; undefined: a list has to come first. */
  version: string | undefined;
  /** Watches in a row that came to nothing, so that a list has to come again. */
  fruitless: number;
  /** Between such lists: each is all there is, and so gets through where the watch does not. */
  readonly backoff: Backoff;
  /** What the slices said of each endpoint when the feed was last told. */
  sources: ReadonlyMap<string, Instance<unknown>>;
  /** Endpoints no slice names any more, and until when they are kept. */
  readonly leaving: Map<string, number>;
  cancelLeaving: () => void;
}

export interface SliceFollowerOptions {
  readonly api: SliceApi;
  readonly port: string | number | undefined;
  readonly selectionOf: (service: string) => Selection;
  readonly clock: Clock;
  readonly random: Random;
  readonly failures: Failures;
}

/** Follows the slices of services by list and watch, telling their feeds. */
export class SliceFollower<M> {
  readonly #options: SliceFollowerOptions;
  readonly #progress = new WeakMap<Feed<M>, Progress>();
  watches = 0;

  constructor(options: SliceFollowerOptions) {
    this.#options = options;
  }

  /** See `Follow`. */
  async follow(
    service: string,
    feed: Feed<M>,
    signal: AbortSignal,
  ): Promise<void> {
    const progress = this.#progressOf(feed);
    const leave = (): void => progress.cancelLeaving();
    signal.addEventListener("abort", leave, { once: true });
    try {
      for (;;) {
        if (progress.version === undefined)
          await this.#list(service, feed, progress, signal);
        await this.#watch(service, feed, progress, signal);
      }
    } catch (error) {
      throw signal.aborted ? error : this.#options.failures.report(error);
    } finally {
      signal.removeEventListener("abort", leave);
      leave();
    }
  }

  /** The slices of a list, by name. One that cannot be read is reported, and is what it was to `feed` so far, if at all. */
  read(
    items: readonly unknown[],
    service: string,
    feed?: Feed<M>,
  ): Map<string, Slice> {
    const known = feed && this.#progress.get(feed)?.slices;
    const slices = new Map<string, Slice>();
    for (const item of items) {
      const slice = this.#read(item, service) ?? known?.get(nameOf(item));
      if (slice !== undefined) slices.set(slice.name, slice);
    }
    return slices;
  }

  #read(object: unknown, service: string): Slice | undefined {
    const { failures, port } = this.#options;
    try {
      return readSlice(object, service, port, (error) => failures.skip(error));
    } catch (error) {
      failures.skip(error);
      return undefined;
    }
  }

  #progressOf(feed: Feed<M>): Progress {
    let progress = this.#progress.get(feed);
    if (progress === undefined) {
      progress = {
        slices: new Map(),
        version: undefined,
        fruitless: 0,
        backoff: new Backoff(this.#options.clock, this.#options.random),
        sources: new Map(),
        leaving: new Map(),
        cancelLeaving: () => undefined,
      };
      this.#progress.set(feed, progress);
    }
    return progress;
  }

  async #list(
    service: string,
    feed: Feed<M>,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, clock, selectionOf } = this.#options;
    if (progress.fruitless > 1)
      await clock.sleep(progress.backoff.next(), signal);
    const { items, list } = await api.list(selectionOf(service), signal);
    progress.slices = this.read(items, service, feed);
    progress.leaving.clear();
    progress.version = versionOf(list);
    const revision = feed.revision + 1n;
    const { listed } = unionOf<M>(progress.slices.values());
    progress.sources = listed;
    feed.replace(stamped(feed, listed, revision), revision, "compacted");
  }

  /** Resolves when the watch is over in an orderly way: ended by the server, or its version no longer kept. */
  async #watch(
    service: string,
    feed: Feed<M>,
    progress: Progress,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, clock, random, selectionOf } = this.#options;
    const { version = "" } = progress;
    const seconds = Math.ceil(watchSeconds * (0.8 + 0.2 * random()));
    const startMs = clock.now();
    this.watches++;
    try {
      await api.watch(
        selectionOf(service),
        version,
        { seconds, silenceMs: seconds * 1000 + marginMs },
        {
          opened: (over) => void this.#quiet(feed, progress, over),
          heard: (event) => this.#hear(service, feed, progress, event),
        },
        signal,
      );
    } catch (error) {
      const isGone = error instanceof ApiError && error.status === 410;
      // What it said may be what cannot be understood: from the same version it would say it again.
      const isBad = DpError.is(error) && badAnswers.includes(error.code);
      if (!isGone && !isBad) throw error;
      progress.version = undefined;
      // The version of a list just made is gone as well: a server in trouble.
      if (++progress.fruitless > 1 || isBad) throw error;
      return;
    }
    // Whatever it said: one that says the same again each time would be asked without a pause.
    if (clock.now() - startMs < quietMs)
      throw new DpError(
        "DP_WATCH_ENDED",
        "the API server ends watches at once",
      );
  }

  async #quiet(
    feed: Feed<M>,
    progress: Progress,
    over: AbortSignal,
  ): Promise<void> {
    try {
      await this.#options.clock.sleep(quietMs, over);
    } catch {
      return;
    }
    this.#fruitful(progress);
    this.#tell(feed, progress);
  }

  #hear(
    service: string,
    feed: Feed<M>,
    progress: Progress,
    { type, object }: SliceEvent,
  ): void {
    try {
      progress.version = versionOf(object);
    } catch (cause) {
      throw new DpError("DP_BAD_ANSWER", `${type} without a version`, {
        cause,
      });
    }
    if (type === "ADDED" || type === "MODIFIED") {
      const slice = this.#read(object, service);
      if (slice !== undefined) progress.slices.set(slice.name, slice);
    } else if (type === "DELETED") progress.slices.delete(nameOf(object));
    this.#fruitful(progress);
    this.#tell(feed, progress);
  }

  #fruitful(progress: Progress): void {
    progress.fruitless = 0;
    progress.backoff.reset();
  }

  /** Tells what the slices say, those who may be on their way to another slice included. */
  #tell(feed: Feed<M>, progress: Progress): void {
    const { clock } = this.#options;
    const { listed, named } = unionOf<M>(progress.slices.values());
    const nowMs = clock.now();
    const { leaving, sources } = progress;
    // Of what its slice says as before, nothing is compared: one event is about a slice of many.
    const seen = new Map<string, Instance<M>>();
    for (const [id, source] of listed) {
      const held = feed.instances.get(id);
      seen.set(id, sources.get(id) === source ? (held ?? source) : source);
    }
    progress.sources = listed;
    let nextMs = Infinity;
    for (const id of leaving.keys()) if (named.has(id)) leaving.delete(id);
    for (const [id, instance] of feed.instances) {
      if (named.has(id)) continue;
      const untilMs = leaving.get(id) ?? nowMs + moveMs;
      if (untilMs <= nowMs) leaving.delete(id);
      else {
        leaving.set(id, untilMs);
        nextMs = Math.min(nextMs, untilMs);
        seen.set(id, instance);
      }
    }
    feed.observe(seen);
    progress.cancelLeaving();
    progress.cancelLeaving =
      nextMs === Infinity
        ? () => undefined
        : clock.schedule(nextMs - nowMs, () => this.#tell(feed, progress));
  }
}

/** Each instance as the feed has it, or as of this revision when it says something else. */
export const stamped = <M>(
  feed: Feed<M> | undefined,
  listed: ReadonlyMap<string, Instance<M>>,
  revision: bigint,
): Map<string, Instance<M>> =>
  new Map(
    Array.from(listed, ([id, instance]) => {
      const held = feed?.instances.get(id);
      return held !== undefined && saysTheSame(held, instance)
        ? [id, held]
        : [id, Object.freeze({ ...instance, revision })];
    }),
  );
