import type { Redis } from "ioredis";

/** Decides for one key; resolves to whether it was allowed. */
export type DecideFar = (key: string) => Promise<boolean>;

/** One way to limit through a connection of ioredis. */
export interface RedisContestant {
  readonly name: string;
  readonly about: string;
  /** False for what limits nothing: it says yes to every key. */
  readonly limits: boolean;
  /** Whether ioredis sends what is asked for in one turn of the event loop together. @defaultValue false */
  readonly isPipelined?: boolean;
  /** Over how many keys its decisions are spread. @defaultValue 10,000 */
  readonly keys?: number;
  /** How many times as many decisions as others make in a turn, because that would be too short. @defaultValue 1 */
  readonly times?: number;
  /** Given units an hour (which is the burst too), and what sets its keys apart. */
  create(client: Redis, perHour: number, prefix: string): Promise<DecideFar>;
}
