import { randomName, type Random } from "@dp/core";
import type { Instance } from "../../instance.ts";
import type { Announcement, Written } from "../../remote/announcement.ts";
import {
  nextIncarnation,
  writeRecord,
  type Incarnation,
} from "../../remote/instance-record.ts";
import { writeLeft, type Entries } from "./entries.ts";
import { EtcdError, grpcCode, isLeaseGone } from "./etcd-error.ts";
import type { Gateway } from "./gateway.ts";
import {
  encode,
  int64,
  type LeaseAnswer,
  type RangeAnswer,
  type TxnAnswer,
} from "./wire.ts";

/** What etcd accepts, in seconds (`MaxLeaseTTL`, 285 years). */
const longestTtlSeconds = 9_000_000_000;

/** For the mark of an owner that leaves and has no lease: it is removed at once, or else by this. */
const markTtlSeconds = 60;

/** So often somebody else may write between our reading and our writing. */
const rounds = 5;

export interface EtcdAnnouncementOptions<M> {
  readonly gateway: Gateway;
  readonly entries: Entries<M>;
  readonly key: string;
  /** Infinity: without a lease. */
  readonly ttlMs: number;
  readonly random: Random;
  /** The registration left at this revision. */
  readonly left: (revision: bigint) => void;
}

interface Lease {
  readonly id: string;
  readonly ttlMs: number;
}

/** What the key was when it was last read. */
interface Held {
  /** 0n for a key that is not there. */
  readonly revision: bigint;
  readonly incarnation: Incarnation | undefined;
  readonly hasLeft: boolean;
}

/**
 * One registration's key. Every write compares the key's revision with the one read before, so nothing is written over
 * what this registration has not seen, and only the incarnation number decides whether it may. One lease serves all
 * its puts, as long as it lives; a lease granted by an exchange whose answer was lost is left to run out.
 */
export class EtcdAnnouncement<M> implements Announcement<M> {
  readonly #options: EtcdAnnouncementOptions<M>;
  readonly #owner: string;
  /** Ours, once a write may have been carried out: from then on others may know it. */
  #number: number | undefined;
  #lease: Lease | undefined;
  #held: Held | undefined;

  constructor(options: EtcdAnnouncementOptions<M>) {
    this.#options = options;
    this.#owner = randomName(options.random);
  }

  async put(
    instance: Instance<M>,
    signal: AbortSignal,
  ): Promise<Written | "superseded"> {
    const [lease, held] = await Promise.all([
      this.#leased(signal),
      this.#held ?? this.#read(signal),
    ]);
    this.#held = held;
    try {
      return await this.#put(instance, lease, signal);
    } catch (error) {
      if (!isLeaseGone(error)) throw error;
      // It ran out since; the key went with it.
      this.#lease = undefined;
      return this.#put(instance, await this.#leased(signal), signal);
    }
  }

  async renew(signal: AbortSignal): Promise<"renewed" | "gone" | "superseded"> {
    const [isAlive, held] = await Promise.all([
      this.#keepAlive(this.#lease, signal),
      this.#read(signal),
    ]);
    const written = this.#held?.revision;
    this.#held = held;
    if (this.#isNewer(held)) return "superseded";
    if (!isAlive) this.#lease = undefined;
    // Another revision is something else that somebody wrote by hand.
    return isAlive && held.revision === written ? "renewed" : "gone";
  }

  async remove(signal: AbortSignal): Promise<void> {
    if (this.#number !== undefined) await this.#leave(this.#number, signal);
    const lease = this.#lease;
    if (lease === undefined) return;
    await this.#call("lease/revoke", { ID: lease.id }, signal).catch(
      (error: unknown) => {
        if (!isLeaseGone(error)) throw error;
      },
    );
    this.#lease = undefined;
  }

  async #put(
    instance: Instance<M>,
    lease: Lease | undefined,
    signal: AbortSignal,
  ): Promise<Written | "superseded"> {
    for (let round = 0; round < rounds; round++) {
      const held = this.#held ?? (await this.#read(signal));
      if (this.#isNewer(held)) return "superseded";
      const isFirst = this.#number === undefined;
      const number = (this.#number ??= nextIncarnation(
        held.incarnation?.number,
        this.#options.gateway.wallMs,
      ));
      const incarnation = { number, owner: this.#owner };
      const value = writeRecord(instance, incarnation);
      const next = { value, incarnation, hasLeft: false };
      const revision = await this.#write(held.revision, next, lease, signal);
      if (revision !== undefined)
        return { revision, grantedTtlMs: lease?.ttlMs ?? Infinity };
      // Refused for certain, so nobody has seen the number: the next one is above whatever came between.
      if (isFirst) this.#number = undefined;
    }
    throw this.#contended();
  }

  /** Marks the key as left, if it is ours; it is gone for whoever reads it from then on. */
  async #leave(number: number, signal: AbortSignal): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const held = this.#held ?? (await this.#read(signal));
      if (!this.#isOurs(held.incarnation) || held.hasLeft) return;
      this.#lease ??= await this.#grant(markTtlSeconds, signal);
      const incarnation = { number, owner: this.#owner };
      const mark = {
        value: writeLeft(incarnation),
        incarnation,
        hasLeft: true,
      };
      try {
        const revision = await this.#write(
          held.revision,
          mark,
          this.#lease,
          signal,
        );
        if (revision === undefined) continue;
        this.#options.left(revision);
        return;
      } catch (error) {
        if (isLeaseGone(error)) return;
        throw error;
      }
    }
    throw this.#contended();
  }

  /** The revision of the write, or undefined if the key is not as it was read; then it is known what it is. */
  async #write(
    revision: bigint,
    {
      value,
      incarnation,
      hasLeft,
    }: Omit<Held, "revision"> & { readonly value: string },
    lease: Lease | undefined,
    signal: AbortSignal,
  ): Promise<bigint | undefined> {
    const key = encode(this.#options.key);
    // Until the answer is here, nobody knows what the key is.
    this.#held = undefined;
    const answer = await this.#call<TxnAnswer>(
      "kv/txn",
      {
        compare: [
          {
            key,
            target: "MOD",
            result: "EQUAL",
            mod_revision: String(revision),
          },
        ],
        success: [
          {
            request_put: { key, value: encode(value), lease: lease?.id ?? "0" },
          },
        ],
        failure: [{ request_range: { key } }],
      },
      signal,
    );
    if (answer.succeeded !== true) {
      this.#held = this.#heldIn(answer.responses?.[0]?.response_range);
      return undefined;
    }
    const written = int64(answer.header?.revision);
    this.#held = { revision: written, incarnation, hasLeft };
    return written;
  }

  #heldIn(answer: RangeAnswer | undefined): Held {
    const kv = answer?.kvs?.[0];
    const entry = kv && this.#options.entries.read(kv);
    return {
      revision: int64(kv?.mod_revision),
      incarnation: entry?.incarnation,
      hasLeft: entry?.left === true,
    };
  }

  async #read(signal: AbortSignal): Promise<Held> {
    const key = encode(this.#options.key);
    return this.#heldIn(
      await this.#call<RangeAnswer>("kv/range", { key }, signal),
    );
  }

  #isOurs(incarnation: Incarnation | undefined): boolean {
    return (
      incarnation?.owner === this.#owner && incarnation.number === this.#number
    );
  }

  /** Whether somebody holds the key who came after us. */
  #isNewer({ incarnation }: Held): boolean {
    if (this.#number === undefined || incarnation === undefined) return false;
    return incarnation.number >= this.#number && !this.#isOurs(incarnation);
  }

  /** A lease that has all of its ttl before it: whoever keeps a put counts from when it was sent. */
  async #leased(signal: AbortSignal): Promise<Lease | undefined> {
    const { ttlMs } = this.#options;
    if (ttlMs === Infinity) return undefined;
    const lease = this.#lease;
    if (lease !== undefined && (await this.#keepAlive(lease, signal)))
      return lease;
    const seconds = Math.min(Math.ceil(ttlMs / 1000), longestTtlSeconds);
    const granted = await this.#grant(seconds, signal);
    // An attempt that was given up may still be answered here: what a later one has put is under its own lease.
    if (this.#lease === lease) this.#lease = granted;
    return this.#lease;
  }

  /** etcd may grant more than asked for, not less. */
  async #grant(seconds: number, signal: AbortSignal): Promise<Lease> {
    const { ID, TTL } = await this.#call<LeaseAnswer>(
      "lease/grant",
      { TTL: String(seconds) },
      signal,
    );
    const ttlMs = Number(TTL) * 1000;
    // Renewed at a third of it: none would be all the time.
    if (ID === undefined || !(ttlMs > 0))
      throw new EtcdError("a lease without id or ttl", grpcCode.unknown);
    return { id: ID, ttlMs };
  }

  async #keepAlive(
    lease: Lease | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (lease === undefined) return this.#options.ttlMs === Infinity;
    const { result } = await this.#call<{ readonly result?: LeaseAnswer }>(
      "lease/keepalive",
      { ID: lease.id },
      signal,
    ).catch((error: unknown) => {
      if (isLeaseGone(error)) return { result: undefined };
      throw error;
    });
    // A lease that is gone is answered without a ttl.
    return int64(result?.TTL) > 0n;
  }

  #call<T>(path: string, body: object, signal: AbortSignal): Promise<T> {
    return this.#options.gateway.call<T>(path, body, signal);
  }

  #contended(): EtcdError {
    return new EtcdError(
      `${this.#options.key} was written by others ${rounds} times between reading and writing`,
      grpcCode.unavailable,
    );
  }
}
