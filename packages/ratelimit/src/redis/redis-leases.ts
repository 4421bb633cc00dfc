import type { Clock } from "@dp/core";
import type { LeaseStore } from "../leases/lease-store.ts";
import { escaped, tagOf } from "./key-names.ts";
import type { RedisCalls } from "./redis-calls.ts";
import { leaseScript } from "./scripts.ts";

/** Leases in Redis: a sorted set for each key, which is gone when the last of its holds ends. One call each. */
export class RedisLeases implements LeaseStore {
  readonly #calls: RedisCalls;
  readonly #prefix: string;
  readonly #clock: Clock | undefined;

  constructor(calls: RedisCalls, prefix: string, clock: Clock | undefined) {
    this.#calls = calls;
    this.#prefix = prefix;
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
    const name = escaped(key);
    const nowMs = this.#clock?.now();
    const reply = await this.#calls.run(
      leaseScript,
      [`${this.#prefix}:{${tagOf(name)}}:leases:${name}`],
      [
        operation,
        owner,
        String(Math.round(ttlMs * 1_000)),
        String(max),
        nowMs === undefined ? "" : String(Math.round(nowMs * 1_000)),
      ],
    );
    return Number(reply) === 1;
  }
}
