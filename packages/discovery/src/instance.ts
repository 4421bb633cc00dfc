/** What an instance says about itself beyond its address, when the registry is not typed otherwise. */
export type Metadata = Readonly<Record<string, unknown>>;

/** `draining` finishes what it has and gets no new pick; it is not the same as unhealthy. */
export type InstanceState = "serving" | "draining";

/** One running copy of a service, as of one revision of the registry. Frozen: a change is a new object. */
export interface Instance<M = Metadata> {
  readonly service: string;
  /** Unique within the service. Balancers keep counts by it, fencing is per id. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
  /** Relative capacity, above 0; 1 unless registered otherwise. */
  readonly weight: number;
  /** Lower comes first: others are for what the healthy ones of lower numbers cannot carry. */
  readonly priority: number;
  /** Where it runs; of consequence to views with `zone`. */
  readonly zone?: string | undefined;
  readonly state: InstanceState;
  /** The registry's revision at the put that made this object. Grows with every put. */
  readonly revision: bigint;
  readonly metadata: M;
}
