import { DpError } from "@dp/core";
import type { Instance } from "../../instance.ts";
import {
  incarnationIn,
  recordOf,
  type Incarnation,
} from "../../remote/instance-record.ts";
import type { Keys } from "./keys.ts";
import { decode, int64, type KeyValue } from "./wire.ts";

/** What one key says. */
export interface Entry<M> {
  readonly id: string;
  readonly revision: bigint;
  /** Undefined for a record that its owner has left, or that is none. */
  readonly instance: Instance<M> | undefined;
  readonly incarnation: Incarnation | undefined;
  /** Its owner has deregistered it; the key itself goes with the lease. */
  readonly left: boolean;
}

/**
 * The text of an entry whose owner has deregistered. etcd does not say why a key was deleted: an owner that leaves
 * writes this first, so that whoever watches can tell it from one whose lease ran out.
 */
export const writeLeft = (incarnation: Incarnation): string =>
  JSON.stringify({ left: true, incarnation });

const parse = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DpError("DP_BAD_RECORD", `${where}: not JSON`, { cause: error });
  }
};

/** Reads what is stored; what is no record is reported and has no instance. */
export class Entries<M> {
  readonly #keys: Keys;
  readonly #report: (error: Error) => void;

  constructor(keys: Keys, report: (error: Error) => void) {
    this.#keys = keys;
    this.#report = report;
  }

  /** Undefined for a key that is none of this registry's. */
  read(kv: KeyValue): Entry<M> | undefined {
    const key = decode(kv.key);
    const names = this.#keys.names(key);
    if (names === undefined) {
      this.#report(
        new DpError("DP_BAD_RECORD", `${key}: not a key of an instance`),
      );
      return undefined;
    }
    const { service, id } = names;
    const revision = int64(kv.mod_revision);
    const nothing = {
      id,
      revision,
      instance: undefined,
      incarnation: undefined,
      left: false,
    };
    try {
      const parsed = parse(decode(kv.value), key);
      const { left, incarnation } = (parsed ?? {}) as Partial<
        Record<string, unknown>
      >;
      if (left === true)
        return { ...nothing, incarnation: incarnationIn(incarnation), left };
      const record = recordOf<M>(parsed, service, id, key);
      return {
        ...nothing,
        instance: Object.freeze({ ...record.instance, revision }),
        incarnation: record.incarnation,
      };
    } catch (error) {
      this.#report(error as Error);
      return nothing;
    }
  }

  /** The id in a key that was deleted. */
  idOf(kv: KeyValue): string | undefined {
    return this.#keys.names(decode(kv.key))?.id;
  }
}
