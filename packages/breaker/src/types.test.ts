import { describe, expect, expectTypeOf, it } from "vitest";
import {
  aimd,
  breaker,
  bulkhead,
  chaos,
  coalesce,
  concurrencyLimit,
  fallback,
  hedge,
  keyed,
  pipeline,
  quantile,
  retry,
  throttle,
  timeout,
  type BreakerEvent,
  type CircuitBreaker,
  type CircuitState,
  type Pipeline,
  type Policy,
  type Verdict,
  type Yield,
} from "./index.ts";

// Checked by the compiler (`types`); the run only shows that the values are what the types say.
describe("the types of a pipeline", () => {
  it("give the operation's type where nothing can replace its result", async () => {
    const guarded = pipeline(timeout("2s"), retry(), breaker(), timeout(600));
    expectTypeOf(guarded).toEqualTypeOf<Pipeline>();
    expectTypeOf(guarded.run(() => "a")).toEqualTypeOf<Promise<string>>();
    expectTypeOf(guarded.run(() => Promise.resolve(5))).toEqualTypeOf<
      Promise<number>
    >();
    expect(await guarded.run(() => "a")).toBe("a");
  });

  it("add what a fallback gives, synchronous or not", async () => {
    const guarded = pipeline(
      fallback(() => 0),
      retry(),
      breaker(),
    );
    expectTypeOf(guarded).toEqualTypeOf<Pipeline<number>>();
    expectTypeOf(guarded.run(() => "a")).toEqualTypeOf<
      Promise<string | number>
    >();
    const later = fallback(() => Promise.resolve(null));
    expectTypeOf(later).toEqualTypeOf<Policy<null>>();
    expectTypeOf(pipeline(later).run(() => "a")).toEqualTypeOf<
      Promise<string | null>
    >();
    expect(await guarded.run(() => "a")).toBe("a");
  });

  it("stay the operation's through every policy that replaces nothing", () => {
    const guarded = pipeline(
      coalesce(({ key }) => key),
      bulkhead({ max: 5 }),
      concurrencyLimit(aimd()),
      throttle(),
      hedge({ after: quantile(0.95) }),
      keyed(
        ({ key }) => key,
        () => breaker(),
      ),
      chaos({ rate: 0 }),
    );
    expectTypeOf(guarded).toEqualTypeOf<Pipeline>();
    expectTypeOf(guarded.run(() => Promise.resolve("a"))).toEqualTypeOf<
      Promise<string>
    >();
  });

  it("add up over several fallbacks, nested pipelines and settings", () => {
    const inner = pipeline(
      fallback(() => 0),
      timeout(5),
    );
    const outer = pipeline(
      { classify: (): Verdict => "success" },
      fallback(() => "stale" as const),
      inner,
      retry(),
    );
    expectTypeOf(outer).toEqualTypeOf<Pipeline<number | "stale">>();
  });

  it("carry over to wrap and try", () => {
    const guarded = pipeline(fallback(() => null));
    const wrapped = guarded.wrap((_context, id: number, name?: string) =>
      Promise.resolve(`${id} ${name ?? ""}`),
    );
    expectTypeOf(wrapped).toEqualTypeOf<
      (id: number, name?: string) => Promise<string | null>
    >();
    expectTypeOf(guarded.try(() => 5)).toEqualTypeOf<
      Promise<
        { ok: true; value: number | null } | { ok: false; error: unknown }
      >
    >();
  });

  it("accept a policy written as a plain object", () => {
    const guarded = pipeline({
      name: "mine",
      execute: (next, context) => Promise.resolve(next(context)),
    } satisfies Policy);
    expectTypeOf(guarded.run(() => 1)).toEqualTypeOf<Promise<number>>();
  });

  it("read a policy's own yield", () => {
    expectTypeOf<Yield<CircuitBreaker>>().toEqualTypeOf<never>();
    expectTypeOf<Yield<Policy>>().toEqualTypeOf<never>();
    expectTypeOf<Yield<Policy<string>>>().toEqualTypeOf<string>();
    expectTypeOf<Yield<Pipeline<string>>>().toEqualTypeOf<string>();
    class Mine implements Policy<number> {
      readonly name = "mine";
      execute(): Promise<number> {
        return Promise.resolve(1);
      }
    }
    expectTypeOf<Yield<Mine>>().toEqualTypeOf<unknown>();
    expectTypeOf<Yield<Policy<unknown>>>().toEqualTypeOf<unknown>();
    expectTypeOf<Yield<Policy | Policy<5>>>().toEqualTypeOf<5>();
  });
});

describe("the types of events", () => {
  it("narrow by the event's type", () => {
    const read = (event: BreakerEvent): CircuitState | undefined =>
      event.type === "transition" ? event.to : undefined;
    expectTypeOf(read).returns.toEqualTypeOf<CircuitState | undefined>();
  });
});
