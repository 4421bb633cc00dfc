import type { Clock, Random } from "@dp/core";

/** What every registry outside this process takes. */
export interface RegistryOptions {
  /**
   * Called with the reason of every failed exchange and of every record that is skipped; what it throws harms nobody.
   * @defaultValue nobody is told
   */
  readonly onError?: ((error: Error) => void) | undefined;
  /**
   * What metrics call this registry: two of one kind need two names to be told apart.
   * @defaultValue its kind: "etcd", "redis", "consul", "dns", "file" or "kubernetes"
   */
  readonly name?: string | undefined;
  /** Measures time limits and waits. @defaultValue the machine's clock */
  readonly clock?: Clock | undefined;
  /** Spreads renewals, questions and retries. @defaultValue the machine's generator */
  readonly random?: Random | undefined;
}
