import { Conclusion } from "./conclude.ts";
import type { Limiter, MemoryLimiter } from "./limiter.ts";
import {
  resolveLimiter,
  type LimiterOptions,
  type Policies,
} from "./options.ts";
import { StoreGuard } from "./store-guard.ts";
import {
  StoreLimiter,
  SyncStoreLimiter,
  type LimiterParts,
} from "./store-limiter.ts";
import { memoryStore } from "./stores/memory.ts";
import type {
  BoundPolicy,
  LimitStore,
  MemoryStore,
  StoreSession,
  SyncStoreSession,
} from "./stores/store.ts";

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
  const { names, policies, shadow, prefix, clock, onStoreError } =
    resolveLimiter(options);
  const enforced = names.map((name) => !shadow.has(name));
  const bound = policies.map((policy, index): BoundPolicy => ({
    // As JSON, because both may hold any character: no two pairs read the same.
    id: JSON.stringify([prefix, names[index]]),
    policy,
    enforced: enforced[index] as boolean,
  }));
  const session = (options.store ?? memoryStore()).bind(bound, clock);
  const parts: LimiterParts<keyof P & string> = {
    names,
    bound,
    prefix,
    clock,
    conclusion: new Conclusion(names, enforced),
    guard: new StoreGuard(session, onStoreError, () =>
      memoryStore().bind(bound, clock),
    ),
  };
  return isSync(session)
    ? new SyncStoreLimiter(parts, session)
    : new StoreLimiter(parts);
}
