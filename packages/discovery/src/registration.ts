import type { Duration } from "@dp/core";
import type { Instance, InstanceState, Metadata } from "./instance.ts";

/** What to register. */
export interface RegistrationSpec<M = Metadata> {
  readonly service: string;
  /** Where others reach this instance: a name or an address, without port. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /**
   * Registering an id that is taken supersedes its holder.
   * @defaultValue `host:port`, so that a restart on the same address replaces its predecessor
   */
  readonly id?: string | undefined;
  /** Relative capacity, 1e-9 to 1e9. @defaultValue 1 */
  readonly weight?: number | undefined;
  /** An integer of at least 0; lower comes first. @defaultValue 0 */
  readonly priority?: number | undefined;
  readonly zone?: string | undefined;
  /** Copied; must be something `structuredClone` can copy. @defaultValue an empty object */
  readonly metadata?: M | undefined;
  /**
   * How long the instance stays listed without a renewal; renewed in the background at a third of it. `Infinity`
   * needs no renewal and no timer. At least 1 ms. @defaultValue 10s
   */
  readonly ttl?: Duration | undefined;
}

/** The parts of an instance its owner may change; what is left out or undefined stays. */
export interface InstancePatch<M = Metadata> {
  readonly weight?: number | undefined;
  readonly priority?: number | undefined;
  readonly zone?: string | undefined;
  readonly metadata?: M | undefined;
}

/**
 * `active`: listed, as far as can be known. `uncertain`: no renewal was acknowledged within the ttl, others may not
 * see it. `reregistering`: found to be gone, being put back. `superseded`: a newer registration holds the id, this
 * one has given up for good. `closed`: deregistered by its owner.
 */
export type RegistrationStatus =
  "active" | "uncertain" | "reregistering" | "superseded" | "closed";

/** Sent after the status was changed; `uncertain` is the passing of time and may only be found by reading it. */
export interface RegistrationEvent {
  readonly type: "status";
  readonly status: RegistrationStatus;
  readonly cause?: Error;
}

/** A place in the registry that renews itself until closed. Never dies silently: watch `status`. */
export interface Registration<M = Metadata> extends AsyncDisposable {
  /** As last written by this registration. */
  readonly instance: Instance<M>;
  /** Resolved against the lease's deadline (counted from when the last acknowledged renewal was sent) when read. */
  readonly status: RegistrationStatus;
  /** The ttl the registry agreed to, which may be longer than asked. */
  readonly grantedTtlMs: number;
  /**
   * Writes the patch as one new revision. Rejects with `SupersededError` or `ClosedError`, and with
   * `InvalidOptionError` for a bad value; then nothing was written.
   */
  update(patch: InstancePatch<M>): Promise<void>;
  /** Like {@link Registration.update} for the state. The state it has already writes nothing. */
  setState(state: InstanceState): Promise<void>;
  /** Adds a listener; returns a function that removes it. */
  on(listener: (event: RegistrationEvent) => void): () => void;
  /** Deregisters, unless superseded: a newer holder of the id is never touched. A second call does nothing. */
  close(): Promise<void>;
}
