import { InvalidOptionError, seededRandom, type DpError } from "@dp/core";
import { drainMicrotasks, ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { ClosedError, SupersededError } from "../errors.ts";
import { resolveSpec } from "../instance-spec.ts";
import type { Instance } from "../instance.ts";
import type { RegistrationEvent } from "../registration.ts";
import type { Announcement, Written } from "./announcement.ts";
import { RemoteRegistration } from "./remote-registration.ts";

const { instance } = resolveSpec({ service: "web", host: "a", port: 1 });

type Fault = "down" | "lost" | "hangs" | undefined;

/** A registry with one lease, which can be out of reach, lose its answers or hang. */
class FakeRegistry implements Announcement<unknown> {
  readonly calls: string[] = [];
  fault: Fault;
  revision = 0n;
  listed: Instance<unknown> | undefined;
  newer = false;
  grantedTtlMs: number = 3000;
  underWay = 0;
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  put(next: Instance<unknown>, signal: AbortSignal) {
    return this.#call("put", signal, (): Written | "superseded" => {
      if (this.newer) return "superseded";
      this.listed = next;
      return { revision: ++this.revision, grantedTtlMs: this.grantedTtlMs };
    });
  }

  renew(signal: AbortSignal) {
    return this.#call("renew", signal, () =>
      this.newer
        ? "superseded"
        : this.listed === undefined
          ? "gone"
          : "renewed",
    );
  }

  remove(signal: AbortSignal) {
    return this.#call("remove", signal, () => {
      if (!this.newer) this.listed = undefined;
    });
  }

  async #call<T>(name: string, signal: AbortSignal, act: () => T): Promise<T> {
    expect(this.underWay).toBe(0);
    this.calls.push(`${name} at ${this.#clock.now()}`);
    this.underWay++;
    try {
      if (this.fault === "hangs")
        await new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () =>
            reject(signal.reason as Error),
          );
        });
      if (this.fault === "down") throw new Error("connection refused");
      await Promise.resolve();
      const answer = act();
      if (this.fault === "lost") throw new Error("connection reset");
      return answer;
    } finally {
      this.underWay--;
    }
  }
}

const open = (draw: () => number = () => 0, fault?: Fault) => {
  const clock = new ManualClock();
  const registry = new FakeRegistry(clock);
  registry.fault = fault;
  const events: RegistrationEvent[] = [];
  const failures: Error[] = [];
  let left = 0;
  const registration = new RemoteRegistration<unknown>({
    announcement: registry,
    instance,
    ttlMs: 3000,
    clock,
    random: draw,
    left: () => left++,
    failed: (error) => failures.push(error),
  });
  registration.on((event) => events.push(event));
  return {
    clock,
    registry,
    registration,
    events,
    failures,
    left: () => left,
    statuses: () => events.map(({ status }) => status),
  };
};

describe("a registration in a remote registry", () => {
  it("is put once and renewed at a third of what was granted", async () => {
    const { clock, registry, registration } = open();
    registry.grantedTtlMs = 6000;
    await registration.visible();
    expect(registration.grantedTtlMs).toBe(6000);
    expect(registration.instance.revision).toBe(1n);
    await clock.advance(6000);
    expect(registry.calls).toEqual([
      "put at 0",
      "renew at 2000",
      "renew at 4000",
      "renew at 6000",
    ]);
    expect(registration.status).toBe("active");
  });

  it("is renewed up to a fifth earlier by chance", async () => {
    const { clock, registry, registration } = open(() => 0.999_999);
    await registration.visible();
    await clock.advance(1000);
    expect(registry.calls.at(-1)).toMatch(/^renew at 80\d/);
  });

  it("takes no timer when nothing has to be renewed", async () => {
    const { clock, registry, registration } = open();
    registry.grantedTtlMs = Infinity;
    await registration.visible();
    expect(clock.pending).toBe(0);
    await registration.update({ weight: 2 });
    expect(registry.listed?.weight).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it("is tried until it is there, with growing waits by chance", async () => {
    const random = seededRandom(3);
    const { clock, registry, registration, failures } = open(random, "down");
    let there = false;
    void registration.visible().then(() => (there = true));
    await clock.advance(20_000);
    expect(there).toBe(false);
    const attempts = registry.calls.length;
    // 100, 200, 400, 800, then at most a third of the ttl: on average half of that.
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(80);
    expect(failures).toHaveLength(attempts);
    registry.fault = undefined;
    await clock.advance(1000);
    expect(there).toBe(true);
    expect(registration.status).toBe("active");
  });

  it("gives its place up when the signal aborts before it is there", async () => {
    const { clock, registry, registration, left } = open(() => 0, "lost");
    const abort = new AbortController();
    const visible = registration.visible(abort.signal);
    await drainMicrotasks();
    expect(registry.listed).toBeDefined();
    registry.fault = undefined;
    abort.abort(new Error("enough"));
    await expect(visible).rejects.toThrow("enough");
    expect(registration.status).toBe("closed");
    await registration.close();
    expect(registry.listed).toBeUndefined();
    expect(left()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("becomes uncertain a ttl after the last acknowledged renewal was sent, and goes on trying", async () => {
    const { clock, registry, registration, events, statuses } = open();
    await registration.visible();
    await clock.advance(1500);
    events.length = 0;
    registry.fault = "down";
    await clock.advance(2499);
    expect(registration.status).toBe("active");
    await clock.advance(1);
    expect(registration.status).toBe("uncertain");
    expect(statuses()).toEqual(["uncertain"]);
    expect(events[0]?.cause?.message).toBe("connection refused");
    await clock.advance(3_600_000);
    expect(registration.status).toBe("uncertain");
    registry.fault = undefined;
    await clock.advance(1000);
    expect(registration.status).toBe("active");
    expect(registry.revision).toBe(1n);
    expect(statuses()).toEqual(["uncertain", "active"]);
  });

  it("tries again soon after a failure however many there were between successes", async () => {
    const { clock, registry } = open(() => 1);
    await clock.advance(0);
    for (let round = 0; round < 100; round++) {
      registry.fault = "down";
      const calls = registry.calls.length;
      while (registry.calls.length === calls) await clock.advance(50);
      registry.fault = undefined;
      await clock.advance(100);
      expect(registry.calls).toHaveLength(calls + 2);
    }
  });

  it("is put back, however long that takes, when the registry no longer has it", async () => {
    const { clock, registry, registration, events, statuses } = open();
    await registration.visible();
    events.length = 0;
    registry.listed = undefined;
    await clock.advance(1000);
    expect(statuses()).toEqual(["reregistering", "active"]);
    expect(events[0]?.cause?.message).toMatch(/^DP_EXPIRED: web a:1/);
    expect(registration.instance.revision).toBe(2n);
    registry.listed = undefined;
    await clock.advance(999);
    registry.fault = "lost";
    await clock.advance(600_000);
    expect(registration.status).toBe("uncertain");
    registry.fault = undefined;
    await clock.advance(1000);
    expect(registration.status).toBe("active");
    expect(registry.listed).toBeDefined();
  });

  it("is superseded at the first answer that says so, for good", async () => {
    const { clock, registry, registration, left } = open();
    await registration.visible();
    registry.newer = true;
    await clock.advance(1000);
    expect(registration.status).toBe("superseded");
    await expect(registration.update({ weight: 2 })).rejects.toThrow(
      SupersededError,
    );
    await registration.close();
    expect(registration.status).toBe("superseded");
    const calls = registry.calls.length;
    await clock.advance(100_000);
    expect(registry.calls).toHaveLength(calls);
    expect(registry.listed).toBeDefined();
    expect(clock.pending).toBe(0);
    expect(left()).toBe(1);
  });

  it("tells those who write that a newer one holds the id", async () => {
    const { registry, registration } = open();
    await registration.visible();
    registry.newer = true;
    await expect(registration.setState("draining")).rejects.toThrow(
      SupersededError,
    );
  });

  it("knows after a stall of this process that its time is over", async () => {
    const { clock, registry, registration, events, statuses } = open();
    await registration.visible();
    events.length = 0;
    registry.listed = undefined;
    const held = clock.now.bind(clock);
    // Time goes on and no timer fires.
    clock.now = () => held() + 10_000;
    expect(registration.status).toBe("uncertain");
    await clock.advance(1000);
    expect(statuses()).toEqual(["uncertain", "reregistering", "active"]);
    expect(events[0]?.cause?.message).toMatch(
      /^DP_STALLED: this process stood still: .* is 10000 ms late, its ttl of 3000 ms is over/,
    );
    expect(registration.status).toBe("active");
  });

  it("does not care about the wall clock", async () => {
    const { clock, registration } = open();
    await registration.visible();
    clock.jumpWall(86_400_000);
    expect(registration.status).toBe("active");
    clock.jumpWall(-172_800_000);
    await clock.advance(10_000);
    expect(registration.status).toBe("active");
  });
});

describe("a write of a remote registration", () => {
  it("resolves when it is acknowledged, and says the last word of several", async () => {
    const { clock, registry, registration } = open();
    await registration.visible();
    const first = registration.update({ weight: 2 });
    const second = registration.update({ weight: 3 });
    const third = registration.setState("draining");
    await Promise.all([first, second, third]);
    expect(registry.listed).toMatchObject({ weight: 3, state: "draining" });
    expect(registration.instance).toMatchObject({
      weight: 3,
      state: "draining",
      revision: registry.revision,
    });
    const { length } = registry.calls;
    await registration.setState("draining");
    expect(registry.calls).toHaveLength(length);
    expect(clock.now()).toBe(0);
  });

  it("is carried out later when the registry is out of reach, and its caller is told after a ttl", async () => {
    const { clock, registry, registration } = open();
    await registration.visible();
    registry.fault = "down";
    const write = registration.setState("draining");
    const told = write.catch((error: unknown) => error as DpError);
    await clock.advance(2999);
    expect(clock.pending).toBeGreaterThan(0);
    await clock.advance(1);
    const error = (await told) as DpError;
    expect(error.code).toBe("DP_REGISTRY_TIMEOUT");
    expect(error.retryable).toBe(true);
    expect((error.cause as Error).message).toBe("connection refused");
    expect(registration.instance.state).toBe("serving");
    registry.fault = undefined;
    await clock.advance(1000);
    expect(registration.instance.state).toBe("draining");
    expect(registry.listed?.state).toBe("draining");
  });

  it("waits for one that says the same and is still under way", async () => {
    const { clock, registry, registration } = open();
    await registration.visible();
    registry.fault = "down";
    const first = registration.setState("draining");
    let done = false;
    const second = registration.setState("draining").then(() => (done = true));
    await drainMicrotasks();
    expect(done).toBe(false);
    registry.fault = undefined;
    await clock.advance(1000);
    await Promise.all([first, second]);
    expect(done).toBe(true);
  });

  it("refuses a bad value, and what JSON cannot carry, and writes nothing", async () => {
    const { registry, registration } = open();
    await registration.visible();
    for (const patch of [{ weight: 0 }, { metadata: { big: 1n } }])
      await expect(registration.update(patch)).rejects.toThrow(
        InvalidOptionError,
      );
    expect(registry.calls).toHaveLength(1);
    await registration.update({
      metadata: { at: new Date(0), gone: undefined },
    });
    expect(registration.instance.metadata).toEqual({
      at: "1970-01-01T00:00:00.000Z",
    });
  });
});

describe("the end of a remote registration", () => {
  it("removes what it put, once", async () => {
    const { clock, registry, registration, left } = open();
    await registration.visible();
    await Promise.all([registration.close(), registration.close()]);
    expect(registry.calls).toEqual(["put at 0", "remove at 0"]);
    expect(registry.listed).toBeUndefined();
    expect(registration.status).toBe("closed");
    expect(left()).toBe(1);
    expect(clock.pending).toBe(0);
    await expect(registration.update({})).rejects.toThrow(ClosedError);
  });

  it("comes after the exchange under way, whose outcome nobody may know", async () => {
    const { clock, registry, registration } = open();
    await registration.visible();
    registry.fault = "hangs";
    const write = registration.update({ weight: 2 });
    const refused = expect(write).rejects.toThrow(ClosedError);
    await drainMicrotasks();
    const closed = registration.close();
    await refused;
    registry.fault = undefined;
    await clock.advance(1000);
    await closed;
    expect(registry.calls.map((call) => call.split(" ")[0])).toEqual([
      "put",
      "put",
      "remove",
    ]);
    expect(registry.listed).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it("does not wait for ever for a registry that is gone", async () => {
    for (const fault of ["down", "hangs"] as const) {
      const { clock, registry, registration } = open(() => 0.5);
      await registration.visible();
      registry.fault = fault;
      let closed = false;
      void registration.close().then(() => (closed = true));
      await clock.advance(3000);
      expect(closed).toBe(true);
      expect(clock.pending).toBe(0);
    }
  });
});

describe("any history of faults", () => {
  it("ends with the registry saying what the owner said last", async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededRandom(seed);
      const { clock, registry, registration } = open(seededRandom(-seed));
      const faults: Fault[] = ["down", "lost", "hangs", undefined];
      void registration.visible().catch(() => undefined);
      let weight = 1;
      for (let step = 0; step < 40; step++) {
        const draw = random();
        if (draw < 0.3) registry.fault = faults[Math.floor(random() * 4)];
        else if (draw < 0.5) {
          weight = step + 2;
          void registration.update({ weight }).catch(() => undefined);
        } else if (draw < 0.6) registry.listed = undefined;
        await clock.advance(Math.floor(random() * 2000));
      }
      registry.fault = undefined;
      await clock.advance(10_000);
      expect(registry.listed, `seed ${seed}`).toMatchObject({ weight });
      expect(registration.status).toBe("active");
      expect(registration.instance).toMatchObject({
        weight,
        revision: registry.revision,
      });
      await registration.close();
      expect(registry.listed).toBeUndefined();
      expect(clock.pending).toBe(0);
    }
  });
});
