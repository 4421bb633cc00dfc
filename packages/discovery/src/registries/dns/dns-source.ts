import { Resolver } from "node:dns/promises";
import { DpError } from "@dp/core";
import type { Instance } from "../../instance.ts";
import { freezeMetadata } from "../../instance-metadata.ts";
import { resolveSpec } from "../../instance-spec.ts";
import { attempt } from "../../remote/attempt.ts";
import type { Failures } from "../../remote/failures.ts";
import type { Feed } from "../../remote/feed.ts";
import type { ResolvedDnsOptions } from "./options.ts";
import {
  lookUpAddresses,
  lookUpServices,
  targetsOf,
  type Addresses,
  type Target,
} from "./records.ts";

/** What is remembered of names that somebody asked for; the oldest leaves. */
const mostNames = 1000;

type Seen<M> = ReadonlyMap<string, Instance<M>>;

/** Asks for names, one look-up of a name at a time, and tells the feeds of those that are watched. */
export class DnsSource<M> {
  readonly #options: ResolvedDnsOptions;
  readonly #failures: Failures;
  readonly #life: AbortSignal;
  readonly #looks = new Map<string, Promise<Seen<M>>>();
  readonly #followed = new Map<string, Feed<M>>();
  readonly #addresses = new WeakMap<Feed<M>, Addresses>();
  readonly #found = new Set<string>();
  lookUps = 0;

  constructor(
    options: ResolvedDnsOptions,
    failures: Failures,
    life: AbortSignal,
  ) {
    this.#options = options;
    this.#failures = failures;
    this.#life = life;
  }

  /** Names whose last answer had somebody. */
  get names(): readonly string[] {
    return [...this.#found];
  }

  /** See `Follow`. */
  async follow(
    service: string,
    feed: Feed<M>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random, intervalMs } = this.#options;
    if (this.#followed.get(service) !== feed) {
      this.#followed.set(service, feed);
      const leave = (): void => {
        if (this.#followed.get(service) === feed)
          this.#followed.delete(service);
      };
      signal.addEventListener("abort", leave, { once: true });
    }
    for (;;) {
      await this.look(service);
      await clock.sleep(intervalMs * (0.8 + 0.2 * random()), signal);
    }
  }

  /** Who the name leads to now; whoever asks during a look-up gets its answer. */
  look(service: string): Promise<Seen<M>> {
    let look = this.#looks.get(service);
    if (look === undefined) {
      look = this.#look(service).finally(() => this.#looks.delete(service));
      this.#looks.set(service, look);
    }
    return look;
  }

  async #look(service: string): Promise<Seen<M>> {
    let seen: Seen<M>;
    try {
      seen = this.#instances(service, await this.#ask(service));
    } catch (error) {
      throw this.#life.aborted
        ? (this.#life.reason as Error)
        : this.#failures.report(error);
    }
    this.#remember(service, seen.size > 0);
    const feed = this.#followed.get(service);
    if (feed === undefined) return seen;
    // A name that is gone is more often a mistake in a zone than the end of every instance: told as a state of which
    // views make sure, not as the word that each has left.
    if (seen.size === 0 && feed.instances.size > 0)
      feed.replace(seen, feed.revision + 1n, "store-reset");
    else feed.observe(seen);
    return new Map(feed.instances);
  }

  #ask(service: string): Promise<readonly Target[]> {
    const { clock, timeoutMs, type } = this.#options;
    this.lookUps++;
    // A new one each time: one that lasts caches answers (c-ares 1.31 in Node before 22.15: nodejs/node#57636) and
    // learns time limits of its own (#57839), and its cancel() is for all its questions.
    const resolver = this.#resolver();
    return attempt(clock, timeoutMs, this.#life, async (signal) => {
      signal.addEventListener("abort", () => resolver.cancel(), { once: true });
      if (type === "SRV") return lookUpServices(resolver, service);
      const feed = this.#followed.get(service);
      const addresses = await lookUpAddresses(
        resolver,
        service,
        feed && this.#addresses.get(feed),
        (error) => this.#failures.report(error),
      );
      if (feed !== undefined) this.#addresses.set(feed, addresses);
      return targetsOf(addresses);
    });
  }

  /**
   * Each server is asked twice, the second time for up to twice as long, so that it has given up on every server
   * before the time is over: one family without answer then does not take the other with it.
   */
  #resolver(): Resolver {
    const { servers, timeoutMs } = this.#options;
    const count = (servers ?? new Resolver().getServers()).length;
    const each = Math.max(1, Math.floor(timeoutMs / (4 * Math.max(1, count))));
    const resolver = new Resolver({ timeout: each, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    return resolver;
  }

  /** Throws `DP_BAD_RECORD` when there are records and none of them is an instance: that is no empty service. */
  #instances(service: string, targets: readonly Target[]): Seen<M> {
    const instances = new Map<string, Instance<M>>();
    for (const target of targets) {
      try {
        const { instance } = resolveSpec<M>(
          {
            service,
            ...target,
            port: target.port ?? this.#options.port,
          },
          freezeMetadata,
        );
        if (!instances.has(instance.id))
          instances.set(
            instance.id,
            Object.freeze({ ...instance, revision: 1n }),
          );
      } catch (cause) {
        const { host, port } = target;
        const what = `${service}: skipped the record of ${host}, port ${port}`;
        this.#failures.skip(new DpError("DP_BAD_RECORD", what, { cause }));
      }
    }
    if (instances.size === 0 && targets.length > 0)
      throw new DpError(
        "DP_BAD_RECORD",
        `${service}: none of its ${targets.length} records is an instance`,
      );
    return instances;
  }

  #remember(service: string, found: boolean): void {
    this.#found.delete(service);
    if (!found) return;
    this.#found.add(service);
    const [oldest] = this.#found;
    if (this.#found.size > mostNames && oldest !== undefined)
      this.#found.delete(oldest);
  }
}
