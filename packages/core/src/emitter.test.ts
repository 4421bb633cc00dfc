import { describe, expect, it, vi } from "vitest";
import { createEmitter } from "./emitter.ts";

describe("an emitter", () => {
  it("calls every listener in the order added", () => {
    const emitter = createEmitter<number>();
    const calls: string[] = [];
    emitter.on((event) => calls.push(`first ${event}`));
    emitter.on((event) => calls.push(`second ${event}`));
    emitter.emit(7);
    expect(calls).toEqual(["first 7", "second 7"]);
  });

  it("does nothing without listeners", () => {
    expect(() => createEmitter<number>().emit(1)).not.toThrow();
  });

  it("removes one adding of a listener at a time, and harmlessly twice", () => {
    const emitter = createEmitter<number>();
    const listener = vi.fn();
    const removeFirst = emitter.on(listener);
    emitter.on(listener);
    emitter.emit(1);
    expect(listener).toHaveBeenCalledTimes(2);
    removeFirst();
    removeFirst();
    emitter.emit(2);
    expect(listener).toHaveBeenCalledTimes(3);
  });

  it("lets changes made by a listener count from the next event on", () => {
    const emitter = createEmitter<number>();
    const late = vi.fn();
    const removed = vi.fn();
    emitter.on((event) => {
      if (event !== 1) return;
      emitter.on(late);
      remove();
    });
    const remove = emitter.on(removed);
    emitter.emit(1);
    expect([late, removed].map((each) => each.mock.calls)).toEqual([[], [[1]]]);
    emitter.emit(2);
    expect([late, removed].map((each) => each.mock.calls)).toEqual([
      [[2]],
      [[1]],
    ]);
  });

  it("goes on when a listener throws, and throws it outside the call", () => {
    const later: (() => void)[] = [];
    vi.stubGlobal("queueMicrotask", (task: () => void) => later.push(task));
    try {
      const emitter = createEmitter<number>();
      const after = vi.fn();
      emitter.on(() => {
        throw new Error("bug in a listener");
      });
      emitter.on(after);
      emitter.emit(1);
      expect(after).toHaveBeenCalledExactlyOnceWith(1);
      expect(later).toHaveLength(1);
      expect(later[0]).toThrow("bug in a listener");
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
