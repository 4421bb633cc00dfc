import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  pipeline,
  retry,
  timeout,
  type Call,
} from "../index.ts";
import { scriptedService } from "./index.ts";

describe("a scripted service", () => {
  it("plays one line a call, and the last one ever after", async () => {
    const clock = new ManualClock();
    const down = new Error("down");
    const service = scriptedService(
      [{ result: 1 }, { fail: down }, {}, { after: "1s", result: 4 }],
      { clock },
    );
    expect(await service.call()).toBe(1);
    await expect(service.call()).rejects.toBe(down);
    expect(await service.call()).toBeUndefined();
    for (let time = 0; time < 2; time++) {
      const answer = service.call({ attempt: 2, key: "a" });
      expect(service.inFlight).toBe(1);
      await clock.advance(1_000);
      expect(await answer).toBe(4);
    }
    expect(service.calls).toEqual([
      { atMs: 0, attempt: 1, key: undefined },
      { atMs: 0, attempt: 1, key: undefined },
      { atMs: 0, attempt: 1, key: undefined },
      { atMs: 0, attempt: 2, key: "a" },
      { atMs: 1_000, attempt: 2, key: "a" },
    ]);
    expect(service.inFlight).toBe(0);
  });

  it("counts the calls under way, and how many there were at most", async () => {
    const clock = new ManualClock();
    const service = scriptedService(
      [{ after: 10 }, { after: 30 }, { after: 10 }],
      { clock },
    );
    const first = [service.call(), service.call()];
    expect(service).toMatchObject({ inFlight: 2, maxInFlight: 2 });
    await clock.advance(20);
    const third = service.call();
    expect(service).toMatchObject({ inFlight: 2, maxInFlight: 2 });
    await clock.advance(10);
    await Promise.all([...first, third]);
    expect(service).toMatchObject({ inFlight: 0, maxInFlight: 2, aborted: 0 });
  });

  it("ends with the signal's reason when that aborts, also when it hangs, and leaves no timer", async () => {
    const clock = new ManualClock();
    const service = scriptedService([{ hang: true }, { after: "1h" }, {}], {
      clock,
    });
    const reason = new Error("given up");
    for (let time = 0; time < 2; time++) {
      const controller = new AbortController();
      const call = service.call({ signal: controller.signal });
      expect(service.inFlight).toBe(1);
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
    }
    const signal = AbortSignal.abort(reason);
    await expect(service.call({ signal })).rejects.toBe(reason);
    expect(service).toMatchObject({ inFlight: 0, aborted: 3 });
    expect(clock.pending).toBe(0);
  });

  it("stands behind a pipeline as an operation does", async () => {
    const clock = new ManualClock();
    const service = scriptedService<string>(
      [{ hang: true }, { fail: new Error("down") }, { result: "up" }],
      { clock },
    );
    const call: Call<string> = service.call;
    const guarded = pipeline(
      { clock, random: () => 0.5 },
      retry({ attempts: 3 }),
      breaker({ trip: consecutive(3) }),
      timeout("1s"),
    );
    const answer = guarded.run(call);
    await clock.advance(2_000);
    expect(await answer).toBe("up");
    expect(service.calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(service.aborted).toBe(1);
  });

  it("needs a line, and durations that are some", () => {
    expect(() => scriptedService([])).toThrow(
      "script must be at least one line",
    );
    expect(() => scriptedService([{}, { after: -1 }])).toThrow(
      "script[1].after must be",
    );
  });
});
