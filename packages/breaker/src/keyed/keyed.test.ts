import { ManualClock } from "@dp/core/testing";
import { renderPrometheus, type MetricFamily } from "@dp/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { deferred } from "../../test/deferred.ts";
import { refusalOf } from "../../test/refusal-of.ts";
import { samplesOf } from "../../test/samples.ts";
import {
  breaker,
  bulkhead,
  coalesce,
  consecutive,
  fallback,
  keyed,
  pipeline,
  retry,
  type CallContext,
  type CircuitBreaker,
  type Keyed,
  type Pipeline,
  type Policy,
} from "../index.ts";

const byKey = ({ key }: CallContext): string | undefined => key;
const fails = (): Promise<never> => Promise.reject(new Error("down"));

const make = (max?: number) => {
  const clock = new ManualClock();
  const policy = keyed(
    byKey,
    () => breaker({ name: "shards", trip: consecutive(1), openFor: "5s" }),
    { max },
  );
  const guarded = pipeline({ clock }, policy);
  const fail = (key?: string) => guarded.try(fails, { key });
  const succeed = (key?: string) => guarded.try(() => "yes", { key });
  return { clock, policy, guarded, fail, succeed };
};

describe("keyed policies", () => {
  it("keep what happens to one key from all others", async () => {
    const { guarded, fail, policy } = make();
    await fail("a");
    expect(await refusalOf(guarded.run(() => 1, { key: "a" }))).toContain(
      "open: shards is open",
    );
    expect(await guarded.run(() => 1, { key: "b" })).toBe(1);
    expect(policy.size).toBe(2);
    expect(Array.from(policy, ([key, { state }]) => [key, state])).toEqual([
      ["a", "open"],
      ["b", "closed"],
    ]);
  });

  it("share one policy for calls without a key", async () => {
    const { policy, fail } = make();
    await fail();
    expect(policy.get("")?.state).toBe("open");
  });

  it("go by the clock of the pipeline, also those made later", async () => {
    const { clock, policy, fail } = make();
    await fail("a");
    await clock.advance(5_000);
    expect(policy.get("a")?.state).toBe("half-open");
  });

  it("are told of a clock that comes after they were made", async () => {
    const adopted: unknown[] = [];
    const own: Policy = {
      name: "own",
      execute: async (next, context) => await next(context),
      adopt: ({ clock }) => void adopted.push(clock),
    };
    const policy = keyed(byKey, () => own);
    await pipeline(policy).run(() => "yes", { key: "a" });
    const clock = new ManualClock();
    pipeline({ clock }, policy);
    expect(adopted.at(-1)).toBe(clock);
  });

  it("are forgotten one by one when there are too many, the idle ones first", async () => {
    const { policy, fail, succeed } = make(3);
    await fail("open");
    await succeed("old");
    await succeed("new");
    await succeed("newest");
    expect(Array.from(policy, ([key]) => key)).toEqual([
      "open",
      "new",
      "newest",
    ]);
    expect(samplesOf(policy)["keyed_displaced_total keyed"]).toBe(1);
  });

  it("are not forgotten while a call is in flight, also in a pipeline", async () => {
    const policy = keyed(byKey, () => pipeline(retry(), bulkhead({ max: 1 })), {
      max: 2,
    });
    const guarded = pipeline(policy);
    const { promise, resolve } = deferred<string>();
    const running = guarded.run(() => promise, { key: "busy" });
    for (let tenant = 0; tenant < 100; tenant++)
      await guarded.run(() => "yes", { key: `tenant ${tenant}` });
    expect(policy.get("busy")).toBeDefined();
    expect(policy.isIdle?.()).toBe(false);
    resolve("done");
    await running;
    expect(policy.isIdle?.()).toBe(true);
  });

  it("are not forgotten while calls share a run", async () => {
    const policy = keyed(byKey, () => coalesce(() => "all"), { max: 2 });
    const guarded = pipeline(policy);
    const { promise, resolve } = deferred<string>();
    const running = guarded.run(() => promise, { key: "busy" });
    for (const key of ["b", "c"]) await guarded.run(() => "yes", { key });
    const sharing = guarded.run(() => "a run of its own", { key: "busy" });
    resolve("shared");
    expect(await Promise.all([running, sharing])).toEqual(["shared", "shared"]);
  });

  it("are forgotten when told so", async () => {
    const { policy, fail, succeed } = make();
    await fail("a");
    expect([policy.delete("a"), policy.delete("a")]).toEqual([true, false]);
    expect(await succeed("a")).toMatchObject({ ok: true });
  });

  it("add up their metrics, with those of policies that are gone", async () => {
    const { policy, fail, succeed } = make(2);
    for (const key of ["a", "b", "c", "d"]) await succeed(key);
    await fail("d");
    await fail("d");
    expect(samplesOf(policy)).toMatchObject({
      "keyed_policies keyed": 2,
      "keyed_displaced_total keyed": 2,
      "calls_total shards success": 4,
      "calls_total shards failure": 1,
      "calls_total shards refused": 1,
      "state shards closed": 1,
      "state shards open": 1,
      "transitions_total shards open": 1,
    });
    // As many lines as for one breaker.
    const lines = (text: string): number => text.split("\n").length;
    const one = lines(renderPrometheus([breaker()]));
    expect(lines(renderPrometheus([policy])) - one).toBe(6);
  });

  it("bound what they remember of policies that are gone", async () => {
    const policy = keyed(byKey, (key) => breaker({ name: key }), { max: 1 });
    const guarded = pipeline(policy);
    for (let key = 0; key < 2_000; key++)
      await guarded.run(() => 1, { key: `user ${key}` });
    const sets = Array.from(policy.metrics()).flatMap(
      ({ samples }: MetricFamily) => [...samples],
    );
    expect(sets.length).toBeLessThan(1_050);
  });

  it("reject when the key cannot be told or the policy not made", async () => {
    const no = (): never => {
      throw new Error("no key");
    };
    await expect(
      pipeline(keyed(no, () => retry())).run(() => 1),
    ).rejects.toThrow("no key");
    await expect(
      pipeline(keyed(byKey, () => breaker({ probes: 0 }))).run(() => 1),
    ).rejects.toThrow("probes must be");
    expect(() => keyed(byKey, () => retry(), { max: 0 })).toThrow(
      "max must be an integer of at least 1, got 0",
    );
  });

  it("have the types of the policies they keep", () => {
    const breakers = keyed(byKey, () => breaker());
    expectTypeOf(breakers).toEqualTypeOf<Keyed<CircuitBreaker>>();
    expectTypeOf(pipeline(breakers)).toEqualTypeOf<Pipeline>();
    const stale = keyed(byKey, () =>
      pipeline(
        fallback(() => 0),
        breaker(),
      ),
    );
    expectTypeOf(pipeline(stale, retry())).toEqualTypeOf<Pipeline<number>>();
    expectTypeOf(stale.get("a")).toEqualTypeOf<Pipeline<number> | undefined>();
  });
});
