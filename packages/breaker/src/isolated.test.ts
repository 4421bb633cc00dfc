import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { breaker, consecutive, type CircuitBreaker } from "./index.ts";

const make = (): [CircuitBreaker, ManualClock] => {
  const clock = new ManualClock();
  return [
    breaker({
      name: "mail",
      trip: consecutive(2),
      openFor: "1s",
      probes: 2,
      clock,
    }),
    clock,
  ];
};

describe("an isolated circuit", () => {
  it("refuses every call, and only a person can say until when", async () => {
    const [circuit] = make();
    circuit.isolate("deploy");
    expect(circuit.state).toBe("isolated");
    expect(circuit.tryPermit()).toBeUndefined();
    const refused = circuit.run(() => 1);
    await expect(refused).rejects.toMatchObject({
      kind: "isolated",
      message: "DP_BREAKER_ISOLATED: mail is isolated",
    });
    expect(circuit.inspect().retryAfterMs).toBeUndefined();
  });

  it("is isolated until the last of those who isolated it has let go", () => {
    const [circuit] = make();
    const first = circuit.isolate("deploy");
    const second = circuit.isolate("migration");
    expect(circuit.inspect().why).toEqual({
      text: "isolated: deploy; migration",
      data: { cause: "isolated", reasons: ["deploy", "migration"] },
    });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(circuit.state).toBe("isolated");
    second[Symbol.dispose]();
    expect(circuit.state).toBe("closed");
  });

  it("ends with the scope that holds it", () => {
    const [circuit] = make();
    {
      using isolation = circuit.isolate();
      expect(isolation).toBeDefined();
      expect(circuit.inspect().why.text).toBe("isolated: by hand");
    }
    expect(circuit.state).toBe("closed");
  });

  it("is not changed by results that come in meanwhile, nor are they counted afterwards", () => {
    const [circuit] = make();
    circuit.permit().failure();
    const late = circuit.permit();
    const isolation = circuit.isolate();
    late.failure();
    expect(circuit.state).toBe("isolated");
    isolation[Symbol.dispose]();
    expect(circuit.inspect()).toMatchObject({
      state: "closed",
      counts: { total: 0 },
    });
  });

  it("does not count results of before the isolation that come after it", () => {
    const [circuit] = make();
    const late = [circuit.permit(), circuit.permit()];
    circuit.isolate()[Symbol.dispose]();
    for (const permit of late) permit.failure();
    expect(circuit.inspect().counts.total).toBe(0);
  });

  it("is open again if the break is not over when it is released", async () => {
    const [circuit, clock] = make();
    circuit.permit().failure();
    circuit.permit().failure();
    const isolation = circuit.isolate();
    await clock.advance(400);
    isolation[Symbol.dispose]();
    expect(circuit.inspect()).toMatchObject({
      state: "open",
      retryAfterMs: 600,
      why: { text: "isolation was released" },
    });
  });

  it("is half-open if the break ended meanwhile, in one transition", async () => {
    const [circuit, clock] = make();
    circuit.permit().failure();
    circuit.permit().failure();
    const isolation = circuit.isolate();
    const seen: string[] = [];
    circuit.on((event) => {
      if (event.type === "transition") seen.push(`${event.from}>${event.to}`);
    });
    await clock.advance(5_000);
    expect(circuit.state).toBe("isolated");
    isolation[Symbol.dispose]();
    expect(seen).toEqual(["isolated>half-open"]);
  });

  it("has all its probes again if it was half-open before", async () => {
    const [circuit, clock] = make();
    circuit.permit().failure();
    circuit.permit().failure();
    await clock.advance(1_000);
    const probe = circuit.permit();
    circuit.isolate()[Symbol.dispose]();
    expect(circuit.inspect().probes).toEqual({
      passed: 0,
      pending: 0,
      needed: 2,
    });
    probe.failure();
    expect(circuit.state).toBe("half-open");
  });

  it("stays isolated when reset, and is closed underneath", async () => {
    const [circuit, clock] = make();
    circuit.permit().failure();
    circuit.permit().failure();
    const isolation = circuit.isolate();
    circuit.reset();
    expect(circuit.state).toBe("isolated");
    await clock.advance(1);
    isolation[Symbol.dispose]();
    expect(circuit.state).toBe("closed");
  });
});

describe("a reset", () => {
  it("closes the circuit and forgets what was counted and what is under way", async () => {
    const [circuit, clock] = make();
    const late = [circuit.permit(), circuit.permit()];
    circuit.permit().failure();
    circuit.permit().failure();
    await clock.advance(1_000);
    const probe = circuit.permit();
    circuit.reset();
    for (const permit of [...late, probe]) permit.failure();
    expect(circuit.inspect()).toMatchObject({
      state: "closed",
      counts: { total: 0 },
    });
    expect(circuit.inspect().openedAtMs).toBeUndefined();
  });

  it("empties the window of a closed circuit", () => {
    const [circuit] = make();
    circuit.permit().failure();
    circuit.reset();
    circuit.permit().failure();
    expect(circuit.state).toBe("closed");
  });
});
