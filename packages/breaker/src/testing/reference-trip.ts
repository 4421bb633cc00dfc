/** A trip in plain data, as the reference model reads it. */
export type ReferenceTrip =
  | { readonly kind: "consecutive"; readonly failures: number }
  | {
      readonly kind: "failureRate";
      readonly threshold: number;
      readonly windowMs: number;
      readonly minimum: number;
      readonly buckets: number;
    }
  | {
      readonly kind: "countRate";
      readonly threshold: number;
      readonly last: number;
      readonly minimum: number;
    }
  | {
      readonly kind: "slowRate";
      readonly threshold: number;
      readonly overMs: number;
      readonly windowMs: number;
      readonly minimum: number;
      readonly buckets: number;
      readonly inFlight: boolean;
    }
  | { readonly kind: "anyOf"; readonly trips: readonly ReferenceTrip[] };

/** A result that counts. */
export interface Result {
  readonly atMs: number;
  readonly elapsedMs: number;
  readonly success: boolean;
}

/** All there is to know for a trip. */
export interface Facts {
  readonly now: number;
  /** Since the circuit closed, oldest first. */
  readonly results: readonly Result[];
  /** When the calls under way began. */
  readonly beganMs: readonly number[];
}

/** The results that count for the trip. */
export const remembered = (
  trip: ReferenceTrip,
  { now, results }: Facts,
): readonly Result[] => {
  switch (trip.kind) {
    case "consecutive": {
      const last = results.findLastIndex((result) => result.success);
      return results.slice(
        last === results.length - 1 ? Math.max(0, last) : last + 1,
      );
    }
    case "countRate":
      return results.slice(-trip.last);
    case "anyOf": {
      const [first] = trip.trips;
      return first === undefined
        ? []
        : remembered(first, { now, results, beganMs: [] });
    }
    default: {
      const bucketOf = (atMs: number): number =>
        Math.floor(atMs / (trip.windowMs / trip.buckets));
      return results.filter(
        (result) => bucketOf(result.atMs) > bucketOf(now) - trip.buckets,
      );
    }
  }
};

/** Whether it trips after a result. */
export const trips = (trip: ReferenceTrip, facts: Facts): boolean => {
  if (trip.kind === "anyOf")
    return trip.trips.some((each) => trips(each, facts));
  if (trip.kind === "slowRate") return tripsBySlowness(trip, facts);
  const results = remembered(trip, facts);
  const failures = results.filter((result) => !result.success).length;
  return trip.kind === "consecutive"
    ? failures >= trip.failures
    : results.length >= trip.minimum &&
        failures / results.length >= trip.threshold;
};

/** Whether it trips because a call under way becomes slow now, which time alone brings about. */
export const tripsInFlight = (trip: ReferenceTrip, facts: Facts): boolean => {
  if (trip.kind === "anyOf")
    return trip.trips.some((each) => tripsInFlight(each, facts));
  // Each looks when a call becomes slow for itself, whatever another one beside it calls slow.
  return (
    trip.kind === "slowRate" &&
    facts.beganMs.some((atMs) => atMs + trip.overMs === facts.now) &&
    tripsBySlowness(trip, facts)
  );
};

const tripsBySlowness = (
  trip: Extract<ReferenceTrip, { kind: "slowRate" }>,
  facts: Facts,
): boolean => {
  const results = remembered(trip, facts);
  const overdue = trip.inFlight
    ? facts.beganMs.filter((atMs) => facts.now - atMs >= trip.overMs).length
    : 0;
  const slow =
    overdue +
    results.filter((result) => result.elapsedMs >= trip.overMs).length;
  const total = results.length + overdue;
  return total >= trip.minimum && slow / total >= trip.threshold;
};

/** Whether a probe that took so long has failed. */
export const isSlow = (trip: ReferenceTrip, elapsedMs: number): boolean =>
  trip.kind === "anyOf"
    ? trip.trips.some((each) => isSlow(each, elapsedMs))
    : trip.kind === "slowRate" && elapsedMs >= trip.overMs;

/** After how long a call under way is looked at. */
export const limits = (trip: ReferenceTrip): number[] => {
  if (trip.kind === "anyOf") return trip.trips.flatMap(limits);
  return trip.kind === "slowRate" && trip.inFlight ? [trip.overMs] : [];
};
