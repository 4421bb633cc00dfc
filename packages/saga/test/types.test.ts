import { describe, expect, expectTypeOf, it } from "vitest";
import { saga, type Jsonify, type SagaDefinition } from "@dp/saga";

interface Order {
  readonly item: string;
  readonly at: Date;
}

const nothing = (): void => undefined;

describe("a saga's types", () => {
  it("give each handler the input and the outputs before it as JSON leaves them", () => {
    const definition = saga<Order>("order")
      .step("reserve", {
        execute: ({ input }) => {
          expectTypeOf(input).toEqualTypeOf<Jsonify<Order>>();
          expectTypeOf(input.at).toEqualTypeOf<string>();
          return { until: new Date(0), count: 1 };
        },
      })
      .pivot("ship", {
        execute: ({ steps }) => {
          expectTypeOf(steps.reserve.until).toEqualTypeOf<string>();
          expectTypeOf(steps.reserve.count).toEqualTypeOf<number>();
          return Promise.resolve("parcel");
        },
      })
      .result(({ steps }) => steps.ship);
    expectTypeOf(definition).toEqualTypeOf<SagaDefinition<Order, string>>();
    expect(definition.steps.map(({ name }) => name)).toEqual([
      "reserve",
      "ship",
    ]);
  });

  it("let a list of sagas hold any of them", () => {
    const one = saga<Order>("one").step("a", { execute: nothing });
    const two = saga<number>("two").step("a", { execute: nothing });
    const sagas: SagaDefinition[] = [
      one.result(() => 1),
      two.result(() => "two"),
    ];
    expect(sagas.length).toBe(2);
  });

  it("make a compensation look at its output, unless find can tell", () => {
    const execute = (): { readonly id: string } => ({ id: "x" });
    saga("a").step("a", {
      execute,
      // @ts-expect-error nobody may know the output
      compensate: ({ output }) => output.id,
    });
    const certain = saga("a").step("a", {
      execute,
      find: () => undefined,
      compensate: ({ output }) => output.id,
    });
    // @ts-expect-error find gives what execute gives
    saga("a").step("a", { execute, find: () => 1 });
    saga("a").step("a", { execute: nothing, find: () => null });
    expect(certain.result(() => 0).steps[0]?.find).toBeTypeOf("function");
  });

  it("have no compensation at the pivot or after it", () => {
    const pivoted = saga("a").pivot("p", { execute: () => 1 });
    expect(() =>
      // @ts-expect-error never compensated
      pivoted.step("b", { execute: () => 2, compensate: nothing }),
    ).toThrow("b.compensate");
    expect(() =>
      // @ts-expect-error never compensated
      saga("a").pivot("p", { execute: () => 2, compensate: nothing }),
    ).toThrow("p.compensate");
    expect(() =>
      // @ts-expect-error past the pivot there is no way back
      pivoted.step("b", { execute: () => 2, onUnknown: "compensate" }),
    ).toThrow("b.onUnknown");
    expectTypeOf(pivoted).not.toHaveProperty("pivot");
    expectTypeOf(pivoted).not.toHaveProperty("parallel");
  });

  it("know each name once", () => {
    const one = saga("a").step("a", { execute: () => 1 });
    expect(() =>
      // @ts-expect-error there is a step a
      one.step("a", { execute: () => 2 }),
    ).toThrow("step name");
    expect(() =>
      one.parallel((group) =>
        group
          .step("b", { execute: () => 1 })
          // @ts-expect-error there is a step b
          .step("b", { execute: () => 1 }),
      ),
    ).toThrow("step name");
  });

  it("show no output of a later step or of a sibling", () => {
    const definition = saga("a")
      .step("first", {
        // @ts-expect-error it comes later
        execute: ({ steps }): unknown => steps.last,
      })
      .parallel((group) =>
        group
          .step("left", { execute: () => 1 })
          // @ts-expect-error it runs at the same time
          .step("right", { execute: ({ steps }): unknown => steps.left }),
      )
      .step("last", { execute: ({ steps }) => steps.left + 1 })
      .result(({ steps }) => steps.last);
    expectTypeOf(definition).toEqualTypeOf<SagaDefinition<unknown, number>>();
    expect(definition.units.length).toBe(3);
  });

  it("tell that JSON cannot carry a value", () => {
    expectTypeOf<Jsonify<bigint>>().toBeNever();
    expectTypeOf<Jsonify<{ a: Date; b: () => void }>>().toEqualTypeOf<{
      a: string;
    }>();
    expect(JSON.stringify({ b: nothing })).toBe("{}");
  });
});
