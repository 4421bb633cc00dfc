import type { Clock, Random } from "@dp/core";

/** What every registry takes in which instances are registered under leases. */
export interface LeasedRegistryOptions {
  /**
   * Called with the reason of every failed exchange and of every record that is skipped; what it throws harms nobody.
   * @defaultValue nobody is told
   */
  readonly onError?: ((error: Error) => void) | undefined;
  /**
   * What metrics call this registry: two of one kind need two names to be told apart.
   * @defaultValue its kind: "etcd", "redis" or "consul"
   */
  readonly name?: string | undefined;
  /** Measures time limits and waits. @defaultValue the machine's clock */
  readonly clock?: Clock | undefined;
  /** Spreads renewals and retries. @defaultValue the machine's generator */
  readonly random?: Random | undefined;
}
