import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { breaker, type CircuitBreaker } from "../index.ts";
import { readConfigurations } from "./configuration.ts";

const breakerOf = (json: unknown, clock = new ManualClock()): CircuitBreaker =>
  breaker({ ...readConfigurations(json)[0], clock });

const refusalOf = (json: unknown): string => {
  try {
    readConfigurations(json);
  } catch (error) {
    return (error as Error).message.replace("DP_INVALID_OPTION: ", "");
  }
  return "nothing";
};

const namesOf = (json: unknown, name?: string): unknown[] =>
  readConfigurations(json, name).map((each) => each.name);

const rate = { failureRate: 0.5, window: "10s", minimum: 20 };

describe("a file of configurations", () => {
  it("is one of them, an array, or an object with an array", () => {
    expect(namesOf({ name: "a" })).toEqual(["a"]);
    expect(namesOf([{ name: "a" }, { name: "b" }])).toEqual(["a", "b"]);
    expect(namesOf({ configurations: [{ name: "a" }] })).toEqual(["a"]);
  });

  it("gives a name to those that have none", () => {
    expect(namesOf({})).toEqual(["configuration"]);
    expect(namesOf({}, "shop")).toEqual(["shop"]);
    expect(namesOf([{}, { name: "b" }, {}], "shop")).toEqual([
      "shop 1",
      "b",
      "shop 3",
    ]);
  });

  it.each([
    [{ trip: rate }, "50 % failures among at least 20 results in 10000 ms"],
    [{ trip: { ...rate, buckets: 5 } }, "in 10000 ms"],
    [
      { trip: { countRate: 0.5, last: 100, minimum: 20 } },
      "50 % failures among at least 20 of the last 100 results",
    ],
    [{ trip: { consecutive: 5 } }, "5 failures in a row"],
    [
      {
        trip: { slowRate: 0.5, over: "800ms", window: "10s", minimum: 20 },
      },
      "50 % calls of 800 ms or longer",
    ],
    [
      { trip: { anyOf: [rate, { anyOf: [{ consecutive: 5 }] }] } },
      "in 10000 ms or 5 failures in a row",
    ],
    [{}, "50 % failures"],
  ])("describes the trip of a breaker: %j", (json, text) => {
    expect(breakerOf(json).inspect().why.text).toContain(text);
  });

  it("describes the rest of a breaker", async () => {
    const clock = new ManualClock();
    const circuit = breakerOf(
      {
        trip: { consecutive: 1 },
        openFor: { exponential: { initial: "1s", factor: 3, jitter: "none" } },
        probes: 1,
        probeLease: "2s",
        ramp: { over: "4s" },
      },
      clock,
    );
    circuit.permit().failure();
    await clock.advance(1_000);
    circuit.permit();
    await clock.advance(2_000);
    expect(circuit.inspect()).toMatchObject({
      state: "open",
      retryAfterMs: 3_000,
    });
    await clock.advance(3_000);
    circuit.permit().success();
    expect(circuit.inspect().passing).toBe(0.1);
  });

  it.each([
    ["text", 'the file must be a JSON object, got "text"'],
    [null, "the file must be a JSON object, got null"],
    [
      [],
      "the file must be an array of at least one configuration, got an array of 0",
    ],
    [
      { configurations: {} },
      "configurations must be an array of at least one configuration, got an object",
    ],
    [
      { configurations: [{}], name: "a" },
      'name must be named as one of configurations, got "name"',
    ],
    [[{}, 5], "[1] must be a JSON object, got 5"],
    [{ name: "" }, 'name must be a string that is not empty, got ""'],
    [{ probes: 0 }, "probes must be an integer of at least 1, got 0"],
    [{ probes: null }, "probes must be left out or have a value, got null"],
    [
      { probLease: "1s" },
      'probLease must be named as one of name, trip, openFor, probes, probeLease, ramp (did you mean probeLease?), got "probLease"',
    ],
    [
      { configurations: [{}, { trip: { ...rate, window: "ten" } }] },
      "configurations[1].trip.window must be milliseconds of at least 0, or a number with a unit like '250ms', '30s', '5m', '2h', '1d', got \"ten\"",
    ],
    [
      [{ trip: { failureRate: 0.5, minimum: 20 } }],
      /^\[0\]\.trip\.window must be .*, got undefined$/,
    ],
    [
      { trip: { ...rate, failureRate: 2 } },
      /^trip\.failureRate must be a number from .* to 1, got 2$/,
    ],
    [
      { trip: { ...rate, windw: 1 } },
      'trip.windw must be named as one of failureRate, window, minimum, buckets (did you mean window?), got "windw"',
    ],
    [
      { trip: { failurRate: 0.5 } },
      'trip.failurRate must be named as one of failureRate, countRate, consecutive, slowRate, anyOf (did you mean failureRate?), got "failurRate"',
    ],
    [
      { trip: {} },
      "trip must be one of failureRate, countRate, consecutive, slowRate, anyOf, got an object",
    ],
    [
      { trip: { ...rate, consecutive: 5 } },
      /^trip must be one of .*, got "failureRate and consecutive"$/,
    ],
    [
      { trip: { consecutive: 1.5 } },
      "trip.consecutive must be an integer of at least 1, got 1.5",
    ],
    [
      {
        trip: {
          slowRate: 1,
          over: 1,
          window: 1,
          minimum: 1,
          inFlight: "yes",
        },
      },
      'trip.inFlight must be true or false, got "yes"',
    ],
    [
      { trip: { anyOf: [] } },
      "trip.anyOf must be an array of at least one trip, got an array of 0",
    ],
    [
      { configurations: [{ trip: { anyOf: [rate, { consecutive: 0 }] } }] },
      "configurations[0].trip.anyOf[1].consecutive must be an integer of at least 1, got 0",
    ],
    [{ openFor: true }, /^openFor must be milliseconds .*, got true$/],
    [
      { openFor: { linear: 1 } },
      'openFor.linear must be named as one of exponential, got "linear"',
    ],
    [
      { openFor: { exponential: { initial: "1s", jitter: "half" } } },
      /^openFor\.exponential\.jitter must be one of 'none', .*, got "half"$/,
    ],
    [{ ramp: "5s" }, 'ramp must be a JSON object, got "5s"'],
    [
      [{ ramp: { over: 0 } }],
      "[0].ramp.over must be a duration of at least 1 ms, got 0",
    ],
    [{ ramp: {} }, /^ramp\.over must be milliseconds .*, got undefined$/],
    [{ hints: {} }, /^hints must be named as one of/],
  ])("is refused with the path of what is wrong: %j", (json, text) => {
    expect(refusalOf(json)).toMatch(text);
  });

  it("is refused when it stands in itself deeper than anybody writes, and no stack overflows", () => {
    const nested = (depth: number): unknown => {
      let trip: unknown = { consecutive: 5 };
      for (let level = 0; level < depth; level++) trip = { anyOf: [trip] };
      return { trip };
    };
    expect(readConfigurations(nested(16))).toHaveLength(1);
    for (const depth of [17, 100_000])
      expect(refusalOf(nested(depth))).toMatch(
        /^trip(\.anyOf\[0\]){16}\.anyOf must be at most 16 deep, got an array of 1$/,
      );
  });
});
