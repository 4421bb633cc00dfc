import type { Instance, Metadata } from "./instance.ts";
import type { Registration, RegistrationSpec } from "./registration.ts";
import type { WatchEvent } from "./watch-event.ts";

/** Port: where instances are announced and found. `registrySuite` from `@dp/discovery/testing` checks all of this. */
export interface Registry<M = Metadata> extends AsyncDisposable {
  /**
   * `lease`: instances that are not renewed leave by themselves. `push`: watches hear of changes without polling.
   * `fencing`: an old registration can never write over or remove a newer one of the same id.
   */
  readonly capabilities: {
    readonly lease: boolean;
    readonly push: boolean;
    readonly fencing: boolean;
  };

  /**
   * Resolves when the instance is visible to others; tries until then or until the signal aborts (rejects with its
   * reason). Renews in the background. Rejects with `InvalidOptionError` for a bad spec.
   */
  register(
    spec: RegistrationSpec<M>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Registration<M>>;

  /** The instances of a service now, each id once; empty for a service nobody registered. Rejects rather than hangs. */
  list(service: string): Promise<readonly Instance<M>[]>;

  /** The names of all services that something is registered for, sorted; also if none of it can be read. */
  services(): Promise<readonly string[]>;

  /**
   * Every change of one service from now on. Each iteration is a watch of its own, opened by its first `next()`.
   *
   * The first event is a `sync`; every `delta` after it is exactly one revision, and none is lost, repeated or out of
   * order. A reader that is too slow costs bounded memory: what it has not read is dropped and replaced by one fresh
   * `sync` with reason `overflow`. Lost contact is an event, not an error. Never ends by itself: only when the signal
   * aborts, the loop is left, or the registry is disposed (after what was queued is read). Rejects with `ClosedError`
   * when the registry was disposed before.
   */
  watch(
    service: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<WatchEvent<M>>;

  /** Deregisters this registry object's own registrations, ends its watches and releases its timers. */
  [Symbol.asyncDispose](): Promise<void>;
}
