import type { Clock } from "@dp/core";
import type { Contact } from "./explanation.ts";
import type { Membership } from "./membership.ts";
import type { ResolvedDiscoverOptions } from "../options.ts";
import type { ServiceCache } from "./service-cache.ts";
import { SnapshotFile } from "./snapshot-file.ts";
import type { StoredSnapshot } from "./snapshot-format.ts";
import type { ViewCounts } from "./view-counts.ts";

/**
 * Where a view's knowledge comes from and how old it is: the registry, or the snapshot file before the registry's first
 * answer.
 */
export class ViewKnowledge<M> implements Contact {
  readonly #cache: ServiceCache<M>;
  readonly #membership: Membership<M>;
  readonly #clock: Clock;
  readonly #file: SnapshotFile<M> | undefined;
  /** Of the file that was read. */
  #recalled: Omit<StoredSnapshot<M>, "instances"> | undefined;

  constructor(
    service: string,
    cache: ServiceCache<M>,
    membership: Membership<M>,
    counts: ViewCounts,
    options: ResolvedDiscoverOptions<M>,
  ) {
    const { snapshotFile, clock, random } = options;
    this.#cache = cache;
    this.#membership = membership;
    this.#clock = clock;
    if (snapshotFile === undefined) return;
    this.#file = new SnapshotFile(snapshotFile, service, clock, random, {
      found: (snapshot) => {
        const { revision, writtenAtMs, instances } = snapshot;
        this.#recalled = { revision, writtenAtMs };
        membership.recall(instances);
      },
      failed: (operation) => {
        if (operation === "read") counts.fileReads++;
        else counts.fileWrites++;
      },
      current: () => this.#current(),
    });
  }

  /** There is something to pick from, whoever said so. */
  get known(): boolean {
    return this.#cache.known || this.#recalled !== undefined;
  }

  get revision(): bigint {
    return this.#cache.known
      ? this.#cache.revision
      : (this.#recalled?.revision ?? 0n);
  }

  get stale(): boolean {
    return this.#cache.lostMs !== undefined;
  }

  get ageMs(): number {
    if (!this.#cache.known && this.#recalled !== undefined)
      return Math.max(0, this.#clock.wallNow() - this.#recalled.writtenAtMs);
    const { lostMs } = this.#cache;
    return lostMs === undefined ? 0 : Math.max(0, this.#clock.now() - lostMs);
  }

  get file(): string {
    return this.#file?.trouble ?? "";
  }

  /** The list of members changed. */
  changed(): void {
    this.#file?.changed();
  }

  /** Writes the last that was known; call before the members are let go. Never rejects. */
  close(): Promise<void> {
    return this.#file?.close() ?? Promise.resolve();
  }

  /** With those a doubtful snapshot lacks: the doubt outlives the process. Nothing before the registry has spoken. */
  #current(): StoredSnapshot<M> | undefined {
    if (!this.#cache.known) return undefined;
    return {
      revision: this.#cache.revision,
      writtenAtMs: this.#clock.wallNow() - this.ageMs,
      instances: Array.from(this.#membership.all, ({ instance }) => instance),
    };
  }
}
