import { describe, expect, it } from "vitest";
import { seededRandom } from "@dp/core";
import { Timeline } from "./timeline.ts";

describe("a timeline", () => {
  it("runs events in order of time, and of scheduling where times are equal", () => {
    const timeline = new Timeline();
    const random = seededRandom(1);
    const ran: { atMs: number; order: number }[] = [];
    for (let order = 0; order < 1_000; order++) {
      const atMs = Math.floor(random() * 50);
      timeline.schedule(atMs, () => {
        expect(timeline.now()).toBe(atMs);
        ran.push({ atMs, order });
      });
    }
    timeline.run();
    const sorted = ran.toSorted(
      (left, right) => left.atMs - right.atMs || left.order - right.order,
    );
    expect(ran).toHaveLength(1_000);
    expect(ran).toEqual(sorted);
  });

  it("stops at the time it is told and goes on from there", () => {
    const timeline = new Timeline();
    const ran: number[] = [];
    const tick = (): void => {
      ran.push(timeline.now());
      timeline.schedule(10, tick);
    };
    timeline.schedule(10, tick);
    timeline.run(35);
    expect(ran).toEqual([10, 20, 30]);
    expect(timeline.now()).toBe(35);
    timeline.run(40);
    expect(ran).toEqual([10, 20, 30, 40]);
  });

  it("leaves out what was cancelled, without moving there", () => {
    const timeline = new Timeline();
    const cancel = timeline.schedule(100, () => expect.unreachable());
    timeline.schedule(5, cancel);
    timeline.run();
    expect(timeline.now()).toBe(5);
  });

  it("lets promises settle before time moves on", async () => {
    const timeline = new Timeline();
    const ran: string[] = [];
    const say = async (name: string, delayMs: number): Promise<void> => {
      await timeline.sleep(delayMs);
      await Promise.resolve();
      ran.push(`${name} at ${timeline.now()}`);
    };
    void say("first", 10).then(() => say("third", 10));
    void say("second", 11);
    await timeline.runAsync();
    expect(ran).toEqual(["first at 10", "second at 11", "third at 20"]);
  });
});
