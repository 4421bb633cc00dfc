import type { Clock } from "@dp/core";
import { readLook, type Look } from "./look.ts";
import { Readiness } from "./readiness.ts";
import type { ScriptClient } from "./redis-client.ts";
import {
  countScript,
  enterScript,
  lookScript,
  namesScript,
  putScript,
  removeScript,
  renewScript,
  type Script,
} from "./scripts.ts";

/** For how long a service without instances keeps its log, so that readers need no new snapshot: a day. */
const keepMs = 24 * 60 * 60 * 1000;

/** Changes of one look: bounds the size of a reply. */
const lookLimit = 500;

export interface StoreOptions {
  readonly client: ScriptClient;
  readonly prefix: string;
  readonly clock: Clock;
  /** Changes a service's log keeps at least. */
  readonly history: number;
}

/** Who writes an entry. */
export interface Holder {
  readonly service: string;
  readonly id: string;
  readonly number: string;
  readonly owner: string;
}

/** The operations of a registry in Redis, each one script; scripts are atomic. */
export class RedisStore {
  readonly #options: StoreOptions;
  readonly #readiness: Readiness;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#readiness = new Readiness(options.client, options.clock);
  }

  /** The number of a registration that starts now. */
  async enter(
    service: string,
    id: string,
    owner: string,
    signal: AbortSignal,
  ): Promise<string> {
    return String(
      await this.#change(enterScript, service, [id, "0", owner], signal),
    );
  }

  /** The revision of the put; `write` counts what the holder wrote, so that a repetition writes nothing. */
  async put(
    { service, id, number, owner }: Holder,
    write: number,
    ttlMs: number,
    record: string,
    signal: AbortSignal,
  ): Promise<bigint | "superseded"> {
    const [outcome, revision] = (await this.#change(
      putScript,
      service,
      [id, number, owner, String(write), ttlText(ttlMs), record],
      signal,
    )) as unknown[];
    if (String(outcome) === "superseded") return "superseded";
    await this.#nameIt(service, signal);
    return BigInt(String(revision));
  }

  async renew(
    { service, id, number, owner }: Holder,
    write: number,
    ttlMs: number,
    signal: AbortSignal,
  ): Promise<"renewed" | "gone" | "superseded"> {
    const words = [id, number, owner, String(write), ttlText(ttlMs)];
    const outcome = await this.#change(renewScript, service, words, signal);
    await this.#nameIt(service, signal);
    return String(outcome) as "renewed" | "gone" | "superseded";
  }

  async remove(
    { service, id, number, owner }: Holder,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#change(removeScript, service, [id, number, owner], signal);
  }

  /** What happened after `cursor`, or the whole state if that cannot be told or no cursor is given. */
  async look(
    service: string,
    cursor: bigint | undefined,
    signal: AbortSignal,
  ): Promise<Look> {
    const words = [cursor === undefined ? "" : String(cursor), `${lookLimit}`];
    return readLook(await this.#change(lookScript, service, words, signal));
  }

  /** Names with an instance, sorted. Names without one are forgotten on the way. */
  async services(signal: AbortSignal): Promise<string[]> {
    const names = (await this.#names(["SMEMBERS"], signal)) as unknown[];
    const counts = await Promise.all(
      names.map((name) => this.#count(String(name), signal)),
    );
    const found: string[] = [];
    for (const [index, count] of counts.entries()) {
      const name = String(names[index]);
      if (count > 0 || !(await this.#isForgotten(name, signal)))
        found.push(name);
    }
    return found.sort();
  }

  /** The key that tells of changes. */
  logOf(service: string): string {
    return this.#keyOf(service, "log");
  }

  /**
   * The count comes after the removal: an instance that was put before that and named before the removal is found
   * here, any other is named after it.
   */
  async #isForgotten(name: string, signal: AbortSignal): Promise<boolean> {
    await this.#names(["SREM", name], signal);
    if ((await this.#count(name, signal)) === 0) return true;
    await this.#nameIt(name, signal);
    return false;
  }

  async #count(service: string, signal: AbortSignal): Promise<number> {
    return Number(await this.#change(countScript, service, [], signal));
  }

  #nameIt(service: string, signal: AbortSignal): Promise<unknown> {
    return this.#names(["SADD", service], signal);
  }

  #names(words: string[], signal: AbortSignal): Promise<unknown> {
    return this.#run(
      namesScript,
      [`${this.#options.prefix}:services`],
      words,
      signal,
    );
  }

  #change(
    script: Script,
    service: string,
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<unknown> {
    const keys = ["members", "deadlines", "head", "log"].map((part) =>
      this.#keyOf(service, part),
    );
    const { history } = this.#options;
    return this.#run(
      script,
      keys,
      [String(history), String(keepMs), ...words],
      signal,
    );
  }

  /** Everything of a service in one slot of a cluster, whatever its name. */
  #keyOf(service: string, part: string): string {
    const tag = service.replace(/[%{}]/g, encodeURIComponent);
    return `${this.#options.prefix}:{${tag}}:${part}`;
  }

  /** By its digest, or its text when Redis does not know that. The signal bounds the wait for a connection too. */
  async #run(
    script: Script,
    keys: string[],
    words: string[],
    signal: AbortSignal,
  ): Promise<unknown> {
    const { client } = this.#options;
    const input = { keys, arguments: words };
    await this.#readiness.reached(signal);
    try {
      return await client.send("evalsha", script.sha, input);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT"))
        throw error;
      signal.throwIfAborted();
      return client.send("eval", script.text, input);
    }
  }
}

/** As both Lua and sorted sets read it. */
const ttlText = (ttlMs: number): string =>
  ttlMs === Infinity ? "inf" : String(ttlMs);
