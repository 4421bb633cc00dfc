import { randomName, type Random } from "@dp/core";
import type { Instance } from "../../instance.ts";
import type { Announcement, Written } from "../../remote/announcement.ts";
import { writeRecord } from "../../remote/instance-record.ts";
import type { Holder, RedisStore } from "./redis-store.ts";

/** How one registration reaches Redis. */
export class RedisAnnouncement<M> implements Announcement<M> {
  readonly #store: RedisStore;
  readonly #ttlMs: number;
  readonly #service: string;
  readonly #id: string;
  readonly #owner: string;
  #number: string | undefined;
  #last: Instance<M> | undefined;
  #writes = 0;

  constructor(
    store: RedisStore,
    random: Random,
    { service, id }: Instance<M>,
    ttlMs: number,
  ) {
    this.#store = store;
    this.#ttlMs = ttlMs;
    this.#service = service;
    this.#id = id;
    this.#owner = randomName(random);
  }

  /**
   * The number is settled before the first write and kept: an attempt that is repeated because its answer was lost must
   * not overtake a registration that came after it.
   */
  async put(
    instance: Instance<M>,
    signal: AbortSignal,
  ): Promise<Written | "superseded"> {
    this.#number ??= await this.#store.enter(
      this.#service,
      this.#id,
      this.#owner,
      signal,
    );
    if (instance !== this.#last) {
      this.#last = instance;
      this.#writes++;
    }
    const holder = this.#holder();
    const record = writeRecord(instance, {
      number: Number(holder.number),
      owner: holder.owner,
    });
    const revision = await this.#store.put(
      holder,
      this.#writes,
      this.#ttlMs,
      record,
      signal,
    );
    return revision === "superseded"
      ? revision
      : { revision, grantedTtlMs: this.#ttlMs };
  }

  renew(signal: AbortSignal): Promise<"renewed" | "gone" | "superseded"> {
    return this.#store.renew(this.#holder(), this.#writes, this.#ttlMs, signal);
  }

  remove(signal: AbortSignal): Promise<void> {
    return this.#store.remove(this.#holder(), signal);
  }

  #holder(): Holder {
    return {
      service: this.#service,
      id: this.#id,
      // Never put: nothing is there to be removed.
      number: this.#number ?? "0",
      owner: this.#owner,
    };
  }
}
