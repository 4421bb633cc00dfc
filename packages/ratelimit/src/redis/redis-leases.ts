import type { Clock } from "@dp/core";
import type { LeaseStore } from "../leases/lease-store.ts";
import { askedLeases } from "../remote/asked-leases.ts";
import { microseconds } from "../remote/deciding.ts";
import { escaped, tagOf } from "./key-names.ts";
import type { RedisCalls } from "./redis-calls.ts";
import { leaseScript } from "./scripts.ts";

/** Leases in Redis: a sorted set for each key, which is gone when the last of its holds ends. One call each. */
export const redisLeases = (
  calls: RedisCalls,
  prefix: string,
  clock: Clock | undefined,
): LeaseStore =>
  askedLeases(async (operation, key, owner, ttlMs, max) => {
    const name = escaped(key);
    const nowMs = clock?.now();
    const reply = await calls.run(
      leaseScript,
      [`${prefix}:{${tagOf(name)}}:leases:${name}`],
      [
        operation,
        owner,
        String(microseconds(ttlMs)),
        String(max),
        nowMs === undefined ? "" : String(microseconds(nowMs)),
      ],
    );
    return Number(reply) === 1;
  });
