/**
 * Where a concurrency limiter keeps who holds what. Every hold has an owner (a random text) and an end, so that what a
 * dead process held comes free, and what somebody else holds cannot be released by mistake.
 *
 * Every method is atomic and rejects if the store cannot tell; then it is unknown whether it was done.
 */
export interface LeaseStore {
  /** Takes one of `max` places of `key` for `ttlMs`, if one is free. An owner that holds one keeps it and gets it anew. */
  acquire(
    key: string,
    owner: string,
    max: number,
    ttlMs: number,
  ): Promise<boolean>;
  /** Holds it for `ttlMs` from now on. False if it has ended. */
  renew(key: string, owner: string, ttlMs: number): Promise<boolean>;
  /** Gives it back. False if it had ended. */
  release(key: string, owner: string): Promise<boolean>;
}
