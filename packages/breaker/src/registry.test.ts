import { InvalidOptionError, renderPrometheus } from "@dp/core";
import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { breakerRegistry, consecutive } from "./index.ts";

const make = (max?: number) =>
  breakerRegistry({
    defaults: { trip: consecutive(2), clock: new ManualClock() },
    max,
  });

describe("a breaker registry", () => {
  it("makes a breaker when first asked for and gives the same one from then on", () => {
    const registry = make();
    expect(registry.get("users")).toBeUndefined();
    const users = registry.getOrCreate("users");
    expect(users.name).toBe("users");
    expect(registry.getOrCreate("users")).toBe(users);
    expect(registry.get("users")).toBe(users);
  });

  it("shares one trip among its breakers without sharing what is counted", () => {
    const registry = make();
    const [one, other] = [
      registry.getOrCreate("one"),
      registry.getOrCreate("other"),
    ];
    one.permit().failure();
    other.permit().failure();
    expect([one.state, other.state]).toEqual(["closed", "closed"]);
    one.permit().failure();
    expect([one.state, other.state]).toEqual(["open", "closed"]);
  });

  it("puts the options of one breaker over the defaults, undefined leaving the default", () => {
    const registry = breakerRegistry({
      defaults: {
        trip: consecutive(2),
        openFor: "7s",
        clock: new ManualClock(),
      },
    });
    const strict = registry.getOrCreate("strict", {
      trip: consecutive(1),
      openFor: undefined,
    });
    const usual = registry.getOrCreate("usual", { trip: undefined });
    strict.permit().failure();
    usual.permit().failure();
    expect([strict.state, usual.state]).toEqual(["open", "closed"]);
    expect(strict.inspect().retryAfterMs).toBe(7_000);
  });

  it("refuses bad defaults when it is made", () => {
    expect(() => breakerRegistry({ defaults: { probes: 0 } })).toThrow(
      InvalidOptionError,
    );
    expect(() => breakerRegistry({ max: 0 })).toThrow("max must be");
    expect(() => make().getOrCreate("")).toThrow("name must be");
  });

  it("displaces the breaker unused for longest when it is full", () => {
    const registry = make(2);
    registry.getOrCreate("a");
    registry.getOrCreate("b");
    registry.get("a");
    registry.getOrCreate("c");
    expect([...registry].map((each) => each.name)).toEqual(["a", "c"]);
  });

  it("keeps an open breaker in preference to a closed one", () => {
    const registry = make(2);
    const open = registry.getOrCreate("open");
    open.permit().failure();
    open.permit().failure();
    registry.getOrCreate("closed");
    registry.getOrCreate("new");
    expect([...registry].map((each) => each.name)).toEqual(["open", "new"]);
  });

  it("keeps its bound even when all of them are open", () => {
    const registry = make(20);
    for (let index = 0; index < 100; index++) {
      const each = registry.getOrCreate(`service ${index}`);
      each.permit().failure();
      each.permit().failure();
    }
    const names = [...registry].map((each) => each.name);
    expect(names).toHaveLength(20);
    expect(names.at(-1)).toBe("service 99");
  });

  it("forgets a breaker on demand", () => {
    const registry = make();
    const users = registry.getOrCreate("users");
    expect(registry.delete("users")).toBe(true);
    expect(registry.delete("users")).toBe(false);
    expect(registry.getOrCreate("users")).not.toBe(users);
  });

  it("inspects all of them by name, whatever the name", () => {
    const registry = make();
    registry.getOrCreate("__proto__");
    registry.getOrCreate("users").isolate();
    expect(Object.keys(registry.inspect())).toEqual(["__proto__", "users"]);
    expect(registry.inspect()).toHaveProperty("users.state", "isolated");
  });

  it("shows the metrics of all of them, one family of each kind", () => {
    const registry = make();
    registry.getOrCreate("users");
    registry.getOrCreate("orders");
    const text = renderPrometheus([registry]);
    expect(text.match(/# TYPE dp_breaker_state gauge/g)).toHaveLength(1);
    expect(text).toContain(
      'dp_breaker_state{breaker="orders",state="closed"} 1',
    );
    expect(text).toContain(
      'dp_breaker_state{breaker="users",state="closed"} 1',
    );
  });
});
