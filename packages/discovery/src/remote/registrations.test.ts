import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { ClosedError } from "../errors.ts";
import { Registrations } from "./registrations.ts";

/** Puts at once while `answers`, and keeps whoever removes waiting until `removed` is called. */
const open = () => {
  const clock = new ManualClock();
  const state = { answers: true, removals: 0, puts: 0, ttlMs: 3000 };
  let removed = (): void => undefined;
  const removal = new Promise<void>((resolve) => (removed = resolve));
  const registrations = new Registrations<unknown>({
    clock,
    random: () => 0,
    failed: () => undefined,
    announce: () => ({
      put: () => {
        state.puts++;
        return state.answers
          ? Promise.resolve({ revision: 1n, grantedTtlMs: state.ttlMs })
          : new Promise(() => undefined);
      },
      renew: () => Promise.resolve("renewed"),
      remove: () => {
        state.removals++;
        return removal;
      },
    }),
  });
  const register = (signal?: AbortSignal) =>
    registrations.register(
      { service: "web", host: "a", port: 1, ttl: 3000 },
      signal,
    );
  const close = () => {
    let isClosed = false;
    const closed = registrations.close().then(() => (isClosed = true));
    return { closed, isClosed: () => isClosed };
  };
  const ageSeconds = () => {
    for (const { name, samples } of registrations.metrics("fake"))
      if (name === "dp_discovery_registration_age_seconds")
        for (const { value } of samples) return value;
    return undefined;
  };
  return { clock, state, removed, register, close, ageSeconds };
};

describe("the registrations of a registry object", () => {
  it("are all gone when it is closed, those too that were leaving before", async () => {
    const { clock, state, removed, register, close } = open();
    const a = await register();
    void a.close();
    await drainMicrotasks();
    expect(state.removals).toBe(1);
    const { closed, isClosed } = close();
    await drainMicrotasks();
    expect(isClosed()).toBe(false);
    removed();
    await closed;
    expect(clock.pending).toBe(0);
  });

  it("have the age of the one that waits longest, from when it was asked for", async () => {
    const { clock, state, removed, register, close, ageSeconds } = open();
    expect(ageSeconds()).toBe(0);
    state.answers = false;
    const registering = register();
    await clock.advance(700);
    expect(ageSeconds()).toBe(0.7);
    state.answers = true;
    await clock.advance(600);
    await registering;
    expect(ageSeconds()).toBeLessThan(0.7);
    state.ttlMs = Infinity;
    await (await register()).update({ weight: 2 });
    await clock.advance(1_000_000);
    expect(ageSeconds()).toBeLessThan(1.001);
    removed();
    await close().closed;
  });

  it("are waited for by each of two that close it", async () => {
    const { removed, register, close } = open();
    await register();
    const one = close();
    const two = close();
    await drainMicrotasks();
    expect([one.isClosed(), two.isClosed()]).toEqual([false, false]);
    removed();
    await Promise.all([one.closed, two.closed]);
  });

  it("are not waited for by whoever aborts, although what may have been put is removed", async () => {
    const { clock, state, removed, register, close } = open();
    state.answers = false;
    const abort = new AbortController();
    const registering = register(abort.signal);
    await drainMicrotasks();
    expect(state.puts).toBe(1);
    abort.abort(new Error("enough"));
    await expect(registering).rejects.toThrow("enough");
    const { closed } = close();
    await clock.advance(1000);
    expect(state.removals).toBe(1);
    removed();
    await closed;
    expect(clock.pending).toBe(0);
  });

  it("reject with ClosedError when it is closed before they are there", async () => {
    const { clock, state, register, close } = open();
    state.answers = false;
    const registering = expect(register()).rejects.toThrow(ClosedError);
    const { closed } = close();
    await registering;
    // The put under way, then the removal: a third of the ttl each.
    await clock.advance(2000);
    await closed;
    expect(clock.pending).toBe(0);
  });
});
