import { randomName, type Clock, type Random } from "@dp/core";
import type { Instance } from "../../instance.ts";
import type { Announcement, Written } from "../../remote/announcement.ts";
import {
  nextIncarnation,
  type Incarnation,
} from "../../remote/instance-record.ts";
import type { AgentService, ConsulCatalog } from "./consul-catalog.ts";
import { readHealth } from "./consul-entry.ts";
import { readOwnWords, writeMeta, type OwnWords } from "./consul-meta.ts";
import { QueryPace } from "./query-pace.ts";

/** The least Consul accepts. Whoever was away for longer registers anew. */
const deregisterAfter = "1m";

/** How long one look for the own entry in the catalog may block. */
const visibleWaitMs = 1_000;

/** Consul's weights are integers of 1 to 65535; the exact one is in the Meta. */
const consulWeight = (weight: number): number =>
  Math.min(65_535, Math.max(1, Math.round(weight)));

/** Ids of Consul are one space for all services of an agent. */
export const consulIdOf = (service: string, id: string): string =>
  `${service.replace(/[%:]/g, encodeURIComponent)}:${id}`;

/**
 * How one registration reaches Consul: a service with a TTL check at the agent. The agent has no write that depends on
 * what it holds, so whose entry it is gets read before each write, and two processes that write in the same moment can
 * both think it is theirs; the next renewal of the older one finds out.
 */
export class ConsulAnnouncement<M> implements Announcement<M> {
  readonly #catalog: ConsulCatalog;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #service: string;
  readonly #id: string;
  readonly #consulId: string;
  readonly #owner: string;
  #incarnation: Incarnation | undefined;
  #last: Instance<M> | undefined;
  #writes = 0;

  constructor(
    catalog: ConsulCatalog,
    clock: Clock,
    random: Random,
    { service, id }: Instance<M>,
    ttlMs: number,
  ) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#service = service;
    this.#id = id;
    this.#consulId = consulIdOf(service, id);
    this.#owner = randomName(random);
  }

  async put(
    instance: Instance<M>,
    signal: AbortSignal,
  ): Promise<Written | "superseded"> {
    const held = await this.#held(signal);
    this.#incarnation ??= {
      number: nextIncarnation(held?.incarnation.number, this.#clock.wallNow()),
      owner: this.#owner,
    };
    if (held !== undefined && this.#isNewer(held)) return "superseded";
    if (instance !== this.#last) {
      this.#last = instance;
      this.#writes++;
    }
    const own = {
      id: this.#id,
      incarnation: this.#incarnation,
      write: this.#writes,
    };
    await this.#catalog.register(this.#asService(instance, own), signal);
    // A check that was critical is still so when its service is registered again.
    if (this.#ttlMs < Infinity) await this.#catalog.pass(this.#checkId, signal);
    const revision = await this.#visible(own, signal);
    return { revision, grantedTtlMs: this.#ttlMs };
  }

  async renew(signal: AbortSignal): Promise<"renewed" | "gone" | "superseded"> {
    const held = await this.#held(signal);
    if (held === undefined) return "gone";
    if (this.#isNewer(held)) return "superseded";
    if (!this.#isMine(held) || held.write < this.#writes) return "gone";
    if (this.#ttlMs === Infinity) return "renewed";
    return (await this.#catalog.pass(this.#checkId, signal))
      ? "renewed"
      : "gone";
  }

  async remove(signal: AbortSignal): Promise<void> {
    const held = await this.#held(signal);
    if (held !== undefined && this.#isMine(held))
      await this.#catalog.deregister(this.#consulId, signal);
  }

  get #checkId(): string {
    return `service:${this.#consulId}`;
  }

  /** Who wrote what the agent holds; what others wrote by hand counts as nothing. */
  async #held(signal: AbortSignal): Promise<OwnWords | undefined> {
    const service = await this.#catalog.held(this.#consulId, signal);
    try {
      return readOwnWords(service?.Meta ?? {}, this.#consulId);
    } catch {
      return undefined;
    }
  }

  #isMine({ incarnation }: OwnWords): boolean {
    return incarnation.owner === this.#owner;
  }

  #isNewer(held: OwnWords): boolean {
    const { number = 0 } = this.#incarnation ?? {};
    const { incarnation } = held;
    return (
      !this.#isMine(held) &&
      (incarnation.number > number ||
        (incarnation.number === number && incarnation.owner > this.#owner))
    );
  }

  #asService(instance: Instance<M>, own: OwnWords): AgentService {
    return {
      ID: this.#consulId,
      Name: this.#service,
      Address: instance.host,
      Port: instance.port,
      Meta: writeMeta(instance, own),
      Weights: { Passing: consulWeight(instance.weight), Warning: 1 },
      ...(this.#ttlMs < Infinity && {
        Check: {
          CheckID: this.#checkId,
          Name: "renewed by its own process",
          TTL: `${this.#ttlMs}ms`,
          Status: "passing",
          DeregisterCriticalServiceAfter: deregisterAfter,
        },
      }),
    };
  }

  /** The agent tells the servers when it can; only then others see it. Returns the index of the entry. */
  async #visible(own: OwnWords, signal: AbortSignal): Promise<bigint> {
    const pace = new QueryPace(this.#clock);
    let index = 0n;
    for (;;) {
      await pace.next(signal);
      const after = index === 0n ? undefined : { index, waitMs: visibleWaitMs };
      const answer = await this.#catalog.health(this.#service, signal, after);
      const seen = readHealth<M>(this.#service, answer.body, () => undefined);
      const found = seen.get(this.#id);
      const words = found?.own;
      if (
        found !== undefined &&
        words !== undefined &&
        // A newer one on another node is seen in its place.
        (this.#isNewer(words) ||
          (this.#isMine(words) && words.write === own.write))
      )
        return found.instance.revision;
      // Lower than before means that the servers started over; 0 would not block.
      index = answer.index < index || answer.index === 0n ? 1n : answer.index;
    }
  }
}
