import { requireInteger, type MetricFamily } from "@dp/core";
import { Conclusion } from "./conclude.ts";
import type { Decision } from "./decision.ts";
import { readSubjects, type Keys } from "./keys.ts";
import type { Limiter, MemoryLimiter } from "./limiter.ts";
import { limiterMetrics } from "./limiter-metrics.ts";
import {
  resolveLimiter,
  type LimiterOptions,
  type Policies,
  type ResolvedLimiter,
} from "./options.ts";
import { memoryStore } from "./stores/memory.ts";
import type {
  LimitStore,
  MemoryStore,
  StoreSession,
  SyncStoreSession,
} from "./stores/store.ts";

/** What a limiter is made of, whatever its store. */
interface Parts<P extends string> {
  readonly names: readonly P[];
  readonly enforced: readonly boolean[];
  readonly prefix: string;
  readonly conclusion: Conclusion<P>;
}

class StoreLimiter<P extends string> implements Limiter<P> {
  readonly #parts: Parts<P>;
  readonly #session: StoreSession;

  constructor(parts: Parts<P>, session: StoreSession) {
    this.#parts = parts;
    this.#session = session;
  }

  take(keys: Keys<P>, cost = 1): Promise<Decision<P>> {
    return this.decide(keys, cost, cost > 0);
  }

  async allow(keys: Keys<P>, cost = 1): Promise<boolean> {
    return (await this.take(keys, cost)).allowed;
  }

  peek(keys: Keys<P>, cost = 1): Promise<Decision<P>> {
    return this.decide(keys, cost, false);
  }

  metrics(): Iterable<MetricFamily> {
    const { names, enforced, prefix, conclusion } = this.#parts;
    const counts = this.#session.counts?.();
    const { tally } = conclusion;
    return limiterMetrics({ prefix, names, enforced, tally, counts });
  }

  protected async decide(
    keys: Keys<P>,
    cost: number,
    commit: boolean,
  ): Promise<Decision<P>> {
    requireInteger("cost", cost);
    const subjects: string[] = [];
    readSubjects(keys, this.#parts.names, subjects);
    const answer = await this.#session.decide(subjects, cost, commit);
    return this.#parts.conclusion.draw(answer, commit);
  }
}

class SyncStoreLimiter<P extends string>
  extends StoreLimiter<P>
  implements MemoryLimiter<P>
{
  readonly #names: readonly P[];
  readonly #conclusion: Conclusion<P>;
  readonly #session: SyncStoreSession;
  /** Kept to spare allocating it. */
  readonly #subjects: string[] = [];

  constructor(parts: Parts<P>, session: SyncStoreSession) {
    super(parts, session);
    this.#names = parts.names;
    this.#conclusion = parts.conclusion;
    this.#session = session;
  }

  takeSync(keys: Keys<P>, cost = 1): Decision<P> {
    return this.#decideSync(keys, cost, cost > 0);
  }

  protected override decide(
    keys: Keys<P>,
    cost: number,
    commit: boolean,
  ): Promise<Decision<P>> {
    return new Promise((resolve) => {
      resolve(this.#decideSync(keys, cost, commit));
    });
  }

  #decideSync(keys: Keys<P>, cost: number, commit: boolean): Decision<P> {
    requireInteger("cost", cost);
    readSubjects(keys, this.#names, this.#subjects);
    const answer = this.#session.decideSync(this.#subjects, cost, commit);
    return this.#conclusion.draw(answer, commit);
  }
}

const partsOf = <P extends string>({
  names,
  prefix,
  shadow,
}: ResolvedLimiter<P>): Parts<P> => {
  const enforced = names.map((name) => !shadow.has(name));
  const conclusion = new Conclusion(names, enforced);
  return { names, enforced, prefix, conclusion };
};

const isSync = (session: StoreSession): session is SyncStoreSession =>
  "decideSync" in session;

/**
 * A limiter for the given policies, on a memory store of its own or on `store`.
 *
 * On a memory store it also has `takeSync`. Throws `InvalidOptionError` if an option is out of bounds.
 */
export function createLimiter<P extends Policies>(
  options: LimiterOptions<P> & { readonly store?: MemoryStore | undefined },
): MemoryLimiter<keyof P & string>;
export function createLimiter<P extends Policies>(
  options: LimiterOptions<P> & { readonly store: LimitStore },
): Limiter<keyof P & string>;
export function createLimiter<P extends Policies>(
  options: LimiterOptions<P> & { readonly store?: LimitStore | undefined },
): Limiter<keyof P & string> {
  const resolved = resolveLimiter(options);
  const parts = partsOf(resolved);
  const bound = resolved.policies.map((policy, index) => ({
    // As JSON, because both may hold any character: no two pairs read the same.
    id: JSON.stringify([parts.prefix, parts.names[index]]),
    policy,
    enforced: parts.enforced[index] as boolean,
  }));
  const session = (options.store ?? memoryStore()).bind(bound, resolved.clock);
  return isSync(session)
    ? new SyncStoreLimiter(parts, session)
    : new StoreLimiter(parts, session);
}
