import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import {
  breaker,
  consecutive,
  failureRate,
  type BreakerOptions,
  type Hint,
  type HintChannel,
} from "../index.ts";

/** A channel on which the test says what others say, and sees what is told them. */
class ScriptedChannel implements HintChannel {
  readonly quorum: number;
  readonly told: Omit<Hint, "source">[] = [];
  readonly #listeners = new Set<(hint: Hint) => void>();

  constructor(quorum = 2) {
    this.quorum = quorum;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(hint: Omit<Hint, "source">): void {
    this.told.push(hint);
  }

  subscribe(listener: (hint: Hint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  say(source: string, part: Partial<Hint> = {}): void {
    for (const listener of this.#listeners)
      listener({
        breaker: "payments",
        source,
        state: "open",
        forMs: 10_000,
        ...part,
      });
  }
}

const make = (options: BreakerOptions = {}, quorum?: number) => {
  const clock = new ManualClock();
  const channel = new ScriptedChannel(quorum);
  const circuit = breaker({
    name: "payments",
    trip: failureRate(0.5, { window: "10s", minimum: 20 }),
    openFor: "1s",
    probes: 1,
    hints: channel,
    clock,
    ...options,
  });
  return { clock, channel, circuit };
};

describe("what a circuit tells others", () => {
  it("is that its own calls have tripped it, and for how long", () => {
    const { circuit, channel } = make({ trip: consecutive(1) });
    circuit.permit().failure();
    expect(channel.told).toEqual([
      { breaker: "payments", state: "open", forMs: 1_000 },
    ]);
  });

  it("is that its probe failed or its probes have passed", async () => {
    const { circuit, channel, clock } = make({ trip: consecutive(1) });
    circuit.permit().failure();
    await clock.advance(1_000);
    circuit.permit().failure();
    await clock.advance(1_000);
    circuit.permit().success();
    expect(channel.told.map(({ state }) => state)).toEqual([
      "open",
      "open",
      "closed",
    ]);
  });

  it("is at most a day of a break without end", () => {
    const { circuit, channel } = make({
      trip: consecutive(1),
      openFor: Infinity,
    });
    circuit.permit().failure();
    expect(channel.told).toMatchObject([{ forMs: 86_400_000 }]);
  });

  it("is not what others have told it, nor what a person did", () => {
    const { circuit, channel } = make();
    channel.say("a");
    channel.say("b");
    expect(circuit.state).toBe("open");
    circuit.reset();
    circuit.isolate()[Symbol.dispose]();
    circuit.restore(circuit.snapshot());
    expect(channel.told).toEqual([]);
  });
});

describe("what others tell a circuit", () => {
  it("opens one that has seen nothing when a quorum agrees, for a break of its own", () => {
    const { circuit, channel } = make({ openFor: "3s" });
    channel.say("a");
    expect(circuit.state).toBe("closed");
    channel.say("b");
    expect(circuit.inspect()).toMatchObject({
      state: "open",
      retryAfterMs: 3_000,
      why: {
        text: "2 others are open, and 0 of 0 calls failed here; open for 3000 ms",
        data: { cause: "hinted", others: 2, openForMs: 3_000 },
      },
    });
  });

  it("counts each of them once, however often it says so", () => {
    const { circuit, channel } = make();
    for (let time = 0; time < 5; time++) channel.say("a");
    expect(circuit.state).toBe("closed");
  });

  it("weighs less than what it has seen itself", () => {
    const { circuit, channel } = make();
    for (let call = 0; call < 3; call++) circuit.permit().success();
    channel.say("a");
    channel.say("b");
    circuit.permit().failure();
    circuit.permit().failure();
    expect(circuit.state).toBe("closed");
    circuit.permit().failure();
    expect(circuit.inspect().why.data).toMatchObject({
      cause: "hinted",
      counts: { total: 6, failures: 3 },
    });
  });

  it("is void when the break of those who said it is over", async () => {
    const { circuit, channel, clock } = make();
    channel.say("a", { forMs: 500 });
    await clock.advance(500);
    channel.say("b");
    expect(circuit.state).toBe("closed");
  });

  it("is void when they say that they have closed", () => {
    const { circuit, channel } = make();
    channel.say("a");
    channel.say("a", { state: "closed", forMs: 0 });
    channel.say("b");
    expect(circuit.state).toBe("closed");
  });

  it("is about breakers of the same name only", () => {
    const { circuit, channel } = make();
    channel.say("a", { breaker: "users" });
    channel.say("b", { breaker: "users" });
    expect(circuit.state).toBe("closed");
  });

  it("is forgotten when its own probes have passed", async () => {
    const { circuit, channel, clock } = make();
    channel.say("a");
    channel.say("b");
    await clock.advance(1_000);
    circuit.permit().success();
    circuit.permit().failure();
    expect(circuit.state).toBe("closed");
    channel.say("c");
    expect(circuit.state).toBe("closed");
  });

  it("changes nothing while it is open, probing or isolated", async () => {
    const { circuit, channel, clock } = make({ trip: consecutive(1) }, 1);
    circuit.permit().failure();
    await clock.advance(900);
    channel.say("a");
    expect(circuit.inspect().retryAfterMs).toBe(100);
    await clock.advance(100);
    channel.say("b");
    expect(circuit.state).toBe("half-open");
    const release = circuit.isolate();
    channel.say("c");
    expect(circuit.state).toBe("isolated");
    release[Symbol.dispose]();
    expect(circuit.state).toBe("half-open");
  });

  it("takes bounded memory, whoever speaks", () => {
    const { circuit, channel } = make({}, 300);
    for (let source = 0; source < 10_000; source++)
      channel.say(`stranger ${source}`);
    expect(circuit.state).toBe("closed");
  });

  it("comes by one subscription for all breakers of a channel, each of which hears it", () => {
    const { channel, circuit } = make();
    const other = breaker({ name: "payments", hints: channel });
    channel.say("a");
    channel.say("b");
    expect(channel.listeners).toBe(1);
    expect([circuit.state, other.state]).toEqual(["open", "open"]);
  });

  it("needs a channel", () => {
    expect(() => breaker({ hints: {} as never })).toThrow(
      "hints must be an object with a subscribe method",
    );
  });
});
