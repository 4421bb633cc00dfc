import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { instanceOf } from "../../test/scripted-registry.ts";
import { MemoryStore } from "./memory-store.ts";

const a = instanceOf("a", 0);

describe("the memory store", () => {
  it("lets nobody but the last writer of an id renew or remove it", async () => {
    const clock = new ManualClock();
    const store = new MemoryStore(clock);
    const [older, newer] = [{}, {}];
    store.put(a, older, 1000);
    const written = store.put(a, newer, 1000);
    expect(store.renew(a, older, 5000)).toBe(false);
    store.remove(a, older);
    expect(store.list("web")).toEqual([written]);
    expect(store.renew(a, newer, 2000)).toBe(true);
    await clock.advance(1999);
    expect(store.list("web")).toEqual([written]);
    await clock.advance(1);
    expect(store.list("web")).toEqual([]);
    expect(store.renew(a, newer, 5000)).toBe(false);
  });

  it("gives every write and every removal a revision of its own", async () => {
    const clock = new ManualClock();
    const store = new MemoryStore(clock);
    const watch = store.watch("web");
    await watch.next();
    for (const id of ["a", "b", "c"]) store.put(instanceOf(id, 0), {}, 1000);
    await clock.advance(1000);
    const revisions: bigint[] = [];
    for (let index = 0; index < 6; index++) {
      const { value } = await watch.next();
      if (value?.type === "delta") revisions.push(value.revision);
    }
    expect(revisions).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    await watch.return();
    expect(store.watches).toBe(0);
  });
});
