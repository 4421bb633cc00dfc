import type { Clock } from "@dp/core";
import { describe, expect, it } from "vitest";
import { breaker, consecutive } from "../index.ts";
import { readConfigurations } from "../replay/index.ts";
import {
  breakerVectors,
  ReferenceBreaker,
  vectorSuite,
  type ReferenceTrip,
  type VectorOptions,
  type VectorPermit,
  type VectorSubject,
  type VectorTrip,
} from "./index.ts";

const breakerOf = (options: VectorOptions, clock: Clock): VectorSubject =>
  breaker({ ...readConfigurations(options)[0], clock });

const tripOf = (trip: VectorTrip): ReferenceTrip => {
  if ("consecutive" in trip)
    return { kind: "consecutive", failures: trip.consecutive };
  if ("anyOf" in trip) return { kind: "anyOf", trips: trip.anyOf.map(tripOf) };
  if ("countRate" in trip)
    return { kind: "countRate", threshold: trip.countRate, ...trip };
  const windowMs = trip.window;
  if ("failureRate" in trip)
    return {
      ...{ kind: "failureRate", threshold: trip.failureRate, windowMs },
      ...{ minimum: trip.minimum, buckets: trip.buckets },
    };
  const { slowRate: threshold, over: overMs } = trip;
  return { ...trip, kind: "slowRate", threshold, overMs, windowMs };
};

const openForMs = ({ openFor }: VectorOptions, opening: number): number => {
  if (typeof openFor === "number") return openFor;
  const { initial, factor, max } = openFor.exponential;
  return Math.min(max, initial * factor ** (opening - 1));
};

/** The model as a subject: time is caught up with before everything. */
class ModelSubject implements VectorSubject {
  readonly #model: ReferenceBreaker;
  readonly #clock: Clock;

  constructor(options: VectorOptions, clock: Clock) {
    this.#clock = clock;
    this.#model = new ReferenceBreaker({
      trip: tripOf(options.trip),
      openForMs: (opening) => openForMs(options, opening),
      probes: options.probes,
      probeLeaseMs: options.probeLease,
      rampMs: options.ramp?.over ?? 0,
    });
  }

  get state() {
    return this.#now().state;
  }

  tryPermit(): VectorPermit | undefined {
    const id = this.#now().admit();
    if (id === undefined) return undefined;
    return {
      success: () => void this.#now().settle(id, "success"),
      failure: () => void this.#now().settle(id, "failure"),
      ignore: () => void this.#now().settle(id, "ignore"),
    };
  }

  isolate(): Disposable {
    const id = this.#now().isolate();
    return { [Symbol.dispose]: () => this.#now().release(id) };
  }

  reset(): void {
    this.#now().reset();
  }

  #now(): ReferenceBreaker {
    this.#model.advanceTo(this.#clock.now());
    return this.#model;
  }
}

describe("a breaker, by the vectors,", () => {
  for (const { name, run } of vectorSuite(breakerOf)) it(name, run);
});

describe("the reference model, by the vectors,", () => {
  const create = (options: VectorOptions, clock: Clock): VectorSubject =>
    new ModelSubject(options, clock);
  for (const { name, run } of vectorSuite(create)) it(name, run);
});

describe("the vectors", () => {
  it("are JSON, have names of their own and go forward in time", () => {
    expect(JSON.parse(JSON.stringify(breakerVectors))).toEqual(breakerVectors);
    const names = breakerVectors.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { steps } of breakerVectors) {
      const times = steps.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  it("name the step at which a circuit does something else", () => {
    const careless = vectorSuite((_, clock) =>
      breaker({ trip: consecutive(1), clock }),
    );
    expect(careless[0]?.run).toThrow("step 0, call at 0 ms: call 1 is refused");
  });

  /** Faults that breakers are known for; each must be found by one vector at least. */
  it.each<[string, (options: VectorOptions) => VectorOptions]>([
    ["one probe more", (each) => ({ ...each, probes: each.probes + 1 })],
    ["no lease", (each) => ({ ...each, probeLease: 1e9 })],
    ["a longer break", (each) => ({ ...each, openFor: 1_001 })],
    ["breaks that do not grow", (each) => ({ ...each, openFor: 1_000 })],
    ["a ramp unasked for", (each) => ({ ...each, ramp: { over: 10 } })],
    [
      "a minimum that is not kept",
      (each) => ({
        ...each,
        trip: "minimum" in each.trip ? { ...each.trip, minimum: 1 } : each.trip,
      }),
    ],
  ])("find a circuit with %s", (_, change) => {
    const suite = vectorSuite((options, clock) =>
      breakerOf(change(options), clock),
    );
    const found = suite.filter(({ run }) => {
      try {
        run();
        return false;
      } catch {
        return true;
      }
    });
    expect(found.length).toBeGreaterThan(0);
  });
});
