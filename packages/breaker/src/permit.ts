/**
 * Leave to make one call, to be settled with how it went. Settles once: whatever comes first counts, the rest does
 * nothing. Leaving a `using` scope unsettled is {@link Permit.ignore}.
 *
 * A permit remembers the generation of the circuit it came from. Settled after the circuit has changed its state or
 * was reset, it changes nothing.
 */
export interface Permit extends Disposable {
  /** The service did its work. */
  success(): void;
  /** The service failed. The error's message is kept for `inspect().why`, the error itself is not. */
  failure(error?: unknown): void;
  /** The call says nothing about the service. A probe's place becomes free for another. */
  ignore(): void;
}
