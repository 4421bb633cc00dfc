import { ManualClock } from "@dp/core/testing";
import { describe, expect, it, vi } from "vitest";
import { breaker, consecutive, type BreakerEvent } from "./index.ts";

const make = () => {
  const clock = new ManualClock();
  const circuit = breaker({
    name: "search",
    trip: consecutive(1),
    openFor: "1s",
    probes: 1,
    clock,
  });
  return { circuit, clock };
};

const lineOf = (event: BreakerEvent): string =>
  event.type === "transition"
    ? `${event.atMs} ${event.from} > ${event.to}: ${event.why.text}`
    : `${event.atMs} ${event.type}`;

describe("a breaker's events", () => {
  it("are one transition for every change, with the reason", async () => {
    const { circuit, clock } = make();
    const lines: string[] = [];
    circuit.on((event) => lines.push(lineOf(event)));
    await circuit.run(() => Promise.reject(new Error("x"))).catch(() => null);
    await clock.advance(1_500);
    expect([circuit.state, circuit.state]).toEqual(["half-open", "half-open"]);
    await circuit.run(() => 1);
    circuit.isolate("deploy")[Symbol.dispose]();
    circuit.reset();
    expect(lines).toEqual([
      "0 closed > open: 1 of 1 calls failed, which reaches 1 failures in a row; open for 1000 ms (last error: x)",
      "1000 open > half-open: the break is over; 1 probes must succeed",
      "1500 half-open > closed: all 1 probes succeeded",
      "1500 closed > isolated: isolated: deploy",
      "1500 isolated > closed: isolation was released",
      "1500 reset",
    ]);
  });

  it("name the breaker, so that one listener can serve many", () => {
    const { circuit } = make();
    const names: string[] = [];
    circuit.on((event) => names.push(event.name));
    circuit.permit().failure();
    circuit.reset();
    expect(names).toEqual(["search", "search", "search"]);
  });

  it("stop for a listener that was removed", () => {
    const { circuit } = make();
    const listener = vi.fn();
    circuit.on(listener)();
    circuit.permit().failure();
    expect(listener).not.toHaveBeenCalled();
  });

  it("find the change complete: a listener sees the new state", () => {
    const { circuit } = make();
    const states: string[] = [];
    circuit.on(() => states.push(circuit.state));
    circuit.permit().failure();
    expect(states).toEqual(["open"]);
  });

  it("come in order to every listener even when one of them changes the state", () => {
    const { circuit } = make();
    const seen: string[] = [];
    circuit.on((event) => {
      if (event.type === "transition" && event.to === "open") circuit.reset();
    });
    circuit.on((event) => {
      seen.push(event.type === "transition" ? event.to : event.type);
    });
    circuit.permit().failure();
    expect(circuit.state).toBe("closed");
    expect(seen).toEqual(["open", "closed", "reset"]);
  });

  it("let a listener take the probe: the call that noticed the end of the break is refused", async () => {
    const { circuit, clock } = make();
    circuit.permit().failure();
    await clock.advance(1_000);
    circuit.on((event) => {
      if (event.type === "transition" && event.to === "half-open")
        circuit.permit();
    });
    expect(circuit.tryPermit()).toBeUndefined();
  });

  it("never let a listener's error reach the call, nor keep it from other listeners", async () => {
    const { circuit } = make();
    const later: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (task: () => void) => later.push(task));
    try {
      const other = vi.fn();
      circuit.on(() => {
        throw new Error("a bug in the listener");
      });
      circuit.on(other);
      await expect(
        circuit.run(() => Promise.reject(new Error("the call's own"))),
      ).rejects.toThrow("the call's own");
      expect(circuit.state).toBe("open");
      expect(other).toHaveBeenCalledOnce();
      expect(later).toHaveLength(1);
      expect(later[0]).toThrow("a bug in the listener");
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
