import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { breaker, consecutive, fallback, pipeline, timeout } from "./index.ts";

describe("a fallback", () => {
  it("leaves a value alone", async () => {
    const guarded = pipeline(fallback(() => "stale"));
    await expect(guarded.run(() => "fresh")).resolves.toBe("fresh");
  });

  it("puts its value, or what it resolves to, in place of an error", async () => {
    const error = new Error("down");
    const fail = (): Promise<never> => Promise.reject(error);
    const seen: unknown[] = [];
    const plain = fallback((reason, context) => {
      seen.push(reason, context.key);
      return "stale";
    });
    await expect(pipeline(plain).run(fail, { key: "a" })).resolves.toBe(
      "stale",
    );
    expect(seen).toEqual([error, "a"]);
    const later = fallback(() => Promise.resolve("stale"));
    await expect(pipeline(later).run(fail)).resolves.toBe("stale");
  });

  it("sees refusals and timeouts of the policies inside", async () => {
    const clock = new ManualClock();
    const circuit = breaker({ trip: consecutive(1) });
    const guarded = pipeline(
      { clock },
      fallback((error) => (error as { kind: string }).kind),
      circuit,
      timeout(50),
    );
    const late = guarded.run(() => new Promise<never>(() => undefined));
    await clock.advance(50);
    await expect(late).resolves.toBe("timeout");
    await expect(guarded.run(() => 1)).resolves.toBe("open");
  });

  it("rejects with its own error if it fails itself", async () => {
    const guarded = pipeline(
      fallback(() => {
        throw new Error("no copy either");
      }),
    );
    await expect(
      guarded.run(() => Promise.reject(new Error("down"))),
    ).rejects.toThrow("no copy either");
  });

  it("is not asked when the caller has aborted", async () => {
    const controller = new AbortController();
    const guarded = pipeline(fallback(() => "stale"));
    const running = guarded.run(
      ({ signal }) => new ManualClock().sleep(50, signal),
      { signal: controller.signal },
    );
    controller.abort(new Error("the user left"));
    await expect(running).rejects.toThrow("the user left");
  });
});
