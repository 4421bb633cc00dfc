import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  ResilienceError,
  type BreakerOptions,
} from "./index.ts";

/** A circuit whose break of a second is just over. */
const halfOpen = async (options: BreakerOptions = {}) => {
  const clock = new ManualClock();
  const circuit = breaker({
    trip: consecutive(2),
    openFor: "1s",
    probes: 2,
    probeLease: "10s",
    clock,
    ...options,
  });
  const late = circuit.permit();
  circuit.permit().failure();
  circuit.permit().failure();
  await clock.advance(1_000);
  return { clock, circuit, late };
};

describe("a half-open circuit", () => {
  it("lets three probes through by default and refuses the rest", async () => {
    const { circuit } = await halfOpen({ probes: undefined });
    const permits = Array.from({ length: 10 }, () => circuit.tryPermit());
    expect(permits.filter((permit) => permit !== undefined)).toHaveLength(3);
  });

  it("closes when all probes have passed, with an empty window", async () => {
    const { circuit } = await halfOpen();
    circuit.permit().success();
    expect(circuit.state).toBe("half-open");
    circuit.permit().success();
    expect(circuit.inspect()).toMatchObject({
      state: "closed",
      counts: { total: 0 },
    });
    expect(circuit.inspect().openedAtMs).toBeUndefined();
    circuit.permit().failure();
    expect(circuit.state).toBe("closed");
  });

  it("opens at the first failed probe, whatever the others do later", async () => {
    const { circuit } = await halfOpen({ probes: 3 });
    const [passing, failing, slow] = [
      circuit.permit(),
      circuit.permit(),
      circuit.permit(),
    ];
    passing.success();
    failing.failure(new Error("still down"));
    expect(circuit.inspect()).toMatchObject({
      state: "open",
      retryAfterMs: 1_000,
      why: {
        text: "a probe failed; open for 1000 ms (last error: still down)",
        data: { cause: "probe-failed", lastError: "still down" },
      },
    });
    slow.success();
    expect(circuit.state).toBe("open");
  });

  it("never lets more through in total than must pass, however quick they are", async () => {
    const { circuit } = await halfOpen({ probes: 3 });
    circuit.permit().success();
    circuit.permit().success();
    expect(circuit.tryPermit()).toBeDefined();
    expect(circuit.tryPermit()).toBeUndefined();
  });

  it("gives the place of an ignored probe to another", async () => {
    const { circuit } = await halfOpen({ probes: 1 });
    for (let time = 0; time < 5; time++) circuit.permit().ignore();
    {
      using permit = circuit.permit();
      expect(permit).toBeDefined();
      expect(circuit.tryPermit()).toBeUndefined();
    }
    circuit.permit().success();
    expect(circuit.state).toBe("closed");
  });

  it("does not take a result of before the break for a probe's", async () => {
    const { circuit, late } = await halfOpen({ probes: 1 });
    const probe = circuit.permit();
    late.success();
    expect(circuit.state).toBe("half-open");
    expect(circuit.tryPermit()).toBeUndefined();
    probe.success();
    expect(circuit.state).toBe("closed");
  });

  it("does not take a result of an earlier round of probes either", async () => {
    const { circuit, clock } = await halfOpen();
    const slow = circuit.permit();
    circuit.permit().failure();
    await clock.advance(1_000);
    circuit.permit().success();
    slow.success();
    expect(circuit.state).toBe("half-open");
    slow.failure();
    expect(circuit.state).toBe("half-open");
  });

  it("counts a probe as failed when its lease runs out, so that a hung call cannot wedge it", async () => {
    const { circuit, clock } = await halfOpen({ probes: 1 });
    const hung = circuit.permit();
    await clock.advance(9_999);
    expect(circuit.state).toBe("half-open");
    await clock.advance(1);
    expect(circuit.inspect()).toMatchObject({
      state: "open",
      openedAtMs: 11_000,
      retryAfterMs: 1_000,
      why: {
        text: "a probe was not settled within its lease of 10000 ms; open for 1000 ms",
        data: { cause: "probe-expired", leaseMs: 10_000, openForMs: 1_000 },
      },
    });
    hung.success();
    expect(circuit.state).toBe("open");
    await clock.advance(1_000);
    circuit.permit().success();
    expect(circuit.state).toBe("closed");
  });

  it("finds an expired lease when the probe itself comes back too late", async () => {
    const { circuit, clock } = await halfOpen({ probes: 1 });
    const probe = circuit.permit();
    await clock.advance(10_500);
    probe.success();
    expect(circuit.state).toBe("open");
    expect(circuit.inspect().retryAfterMs).toBe(500);
  });

  it("dates an expired lease to when it ran out, and probes again after a jump of days", async () => {
    const { circuit, clock } = await halfOpen({ probes: 1 });
    const seen: unknown[] = [];
    circuit.on((event) => {
      if (event.type === "transition")
        seen.push([event.from, event.to, event.atMs]);
    });
    circuit.permit();
    await clock.advance(86_400_000);
    expect(circuit.state).toBe("half-open");
    expect(circuit.tryPermit()).toBeDefined();
    expect(seen).toEqual([
      ["open", "half-open", 1_000],
      ["half-open", "open", 11_000],
      ["open", "half-open", 12_000],
    ]);
  });

  it("tells who is refused to come back after another break, or when the oldest lease ends if that is sooner", async () => {
    const { circuit, clock } = await halfOpen({ probes: 1 });
    const retryAfter = (): number | undefined => circuit.inspect().retryAfterMs;
    expect(retryAfter()).toBeUndefined();
    circuit.permit();
    expect(retryAfter()).toBe(1_000);
    await clock.advance(9_700);
    expect(retryAfter()).toBe(300);
    await expect(circuit.run(() => 1)).rejects.toSatisfy(
      (error) =>
        ResilienceError.is(error) &&
        error.kind === "open" &&
        error.retryAfterMs === 300,
    );
  });

  it("shows its probes", async () => {
    const { circuit } = await halfOpen();
    circuit.permit().success();
    circuit.permit();
    expect(circuit.inspect()).toMatchObject({
      probes: { passed: 1, pending: 1, needed: 2 },
      why: { text: "the break is over; 2 probes must succeed" },
    });
  });
});
