import { seededRandom, type Random } from "@dp/core";
import { describe, expect, it } from "vitest";
import { Place } from "./place.ts";
import { encode, type WatchMessage } from "./wire.ts";

type WireEvent = NonNullable<WatchMessage["events"]>[number];

const put = (revision: number, key: string = "a"): WireEvent => ({
  kv: { key: encode(key), mod_revision: String(revision), value: encode("v") },
});

/** The message with etcd's header, in which zeros are left out. */
const message = (revision: number, more: WatchMessage = {}): WatchMessage => ({
  header: { cluster_id: "7", revision: String(revision) },
  ...more,
});

const revisionsOf = (place: Place, sent: WatchMessage): bigint[] => {
  const step = place.take(sent);
  return step.kind === "events"
    ? step.revisions.map(({ revision }) => revision)
    : [];
};

describe("Place", () => {
  it("starts at the revision after the listing", () => {
    expect(new Place(41n, "7").cursor).toBe(42n);
  });

  it("is not moved by the header of the confirmation", () => {
    const place = new Place(42n, "7");
    expect(place.take(message(57, { created: true }))).toEqual({
      kind: "opened",
      revision: 57n,
    });
    expect(place.cursor).toBe(43n);
  });

  it("is moved by the last event, not by the header beside it", () => {
    const place = new Place(42n, "7");
    const sent = message(57, {
      events: [
        put(43),
        { type: "DELETE", kv: { key: encode("a"), mod_revision: "44" } },
      ],
    });
    expect(place.take(sent)).toMatchObject({
      kind: "events",
      revisions: [
        { revision: 43n, events: [{ isDelete: false }] },
        { revision: 44n, events: [{ isDelete: true }] },
      ],
    });
    expect(place.cursor).toBe(45n);
  });

  it("is moved by a note of progress, and never back", () => {
    const place = new Place(42n, "7");
    place.take(message(61));
    expect(place.cursor).toBe(62n);
    place.take(message(50));
    expect(place.cursor).toBe(62n);
  });

  it("takes a cancellation by compaction for a gap, whatever its header says", () => {
    const place = new Place(42n, "7");
    const sent: WatchMessage = {
      header: { cluster_id: "7" },
      canceled: true,
      compact_revision: "60",
    };
    expect(place.take(sent)).toEqual({ kind: "relist", reason: "compacted" });
    expect(place.cursor).toBe(43n);
    expect(
      place.take({ canceled: true, compact_revision: "60" }),
    ).toMatchObject({ reason: "compacted" });
  });

  it("takes any other cancellation for a loss of contact, with etcd's reason", () => {
    const place = new Place(42n, "7");
    const sent = message(57, {
      canceled: true,
      cancel_reason: "etcdserver: no leader",
    });
    expect(() => place.take(sent)).toThrow("DP_ETCD: etcdserver: no leader");
    expect(() =>
      place.take(message(57, { canceled: true, created: true })),
    ).toThrow("without a reason");
    expect(place.cursor).toBe(43n);
  });

  it("takes another cluster for a new store", () => {
    const reset = { kind: "relist", reason: "store-reset" };
    const elsewhere = { header: { cluster_id: "8", revision: "90" } };
    expect(new Place(42n, "7").take({ ...elsewhere, created: true })).toEqual(
      reset,
    );
    expect(
      new Place(42n, "7").take({ ...elsewhere, events: [put(43)] }),
    ).toEqual(reset);
    expect(
      new Place(42n, "7").take({ header: { cluster_id: "7" }, created: true }),
    ).toEqual({
      kind: "opened",
      revision: 0n,
    });
  });

  it("holds back the last revision of a fragment until it is whole", () => {
    const place = new Place(42n, "7");
    expect(
      revisionsOf(
        place,
        message(50, { fragment: true, events: [put(43), put(44, "a")] }),
      ),
    ).toEqual([43n]);
    expect(place.cursor).toBe(44n);
    const step = place.take(message(50, { events: [put(44, "b"), put(45)] }));
    expect(step).toMatchObject({
      revisions: [{ revision: 44n, events: [{}, {}] }, { revision: 45n }],
    });
  });

  it("forgets half a revision when the connection is lost, because it is sent again", () => {
    const place = new Place(42n, "7");
    place.take(message(50, { fragment: true, events: [put(43, "a")] }));
    place.reopen();
    const step = place.take(
      message(50, { events: [put(43, "a"), put(43, "b")] }),
    );
    expect(step).toMatchObject({
      revisions: [{ revision: 43n, events: [{}, {}] }],
    });
  });

  it("tells nothing twice that a member repeats", () => {
    const place = new Place(42n, "7");
    place.take(message(50, { events: [put(43)] }));
    expect(
      revisionsOf(place, message(50, { events: [put(43), put(44)] })),
    ).toEqual([44n]);
  });

  it("gets every revision once, whole and in order, through random batches, fragments and cuts", () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = seededRandom(seed);
      const history = randomHistory(random);
      const place = new Place(0n, "7");
      const seen: { revision: bigint; count: number }[] = [];
      for (
        let connection = 0;
        connection < 500 && seen.length < history.size;
        connection++
      ) {
        place.reopen();
        for (const sent of answer(history, place.cursor, random)) {
          const step = place.take(sent);
          if (step.kind === "events")
            for (const { revision, events } of step.revisions)
              seen.push({ revision, count: events.length });
          if (random() < 0.1) break;
        }
      }
      expect(seen, `seed ${seed}`).toEqual(
        Array.from(history, ([revision, events]) => ({
          revision: BigInt(revision),
          count: events.length,
        })),
      );
    }
  });
});

/** Revisions with one to four events each; some revisions are of other services. */
const randomHistory = (random: Random): Map<number, WireEvent[]> => {
  const history = new Map<number, WireEvent[]>();
  for (let revision = 1; revision <= 60; revision++) {
    if (random() < 0.3) continue;
    const count = 1 + Math.floor(random() * 4);
    history.set(
      revision,
      Array.from({ length: count }, (_, at) => put(revision, `k${at}`)),
    );
  }
  return history;
};

/** What etcd sends to a watch from `cursor`: whole revisions to an answer, which is cut into fragments anywhere. */
function* answer(
  history: Map<number, WireEvent[]>,
  cursor: bigint,
  random: Random,
): Generator<WatchMessage> {
  yield message(60, { created: true });
  const left = [...history].filter(([revision]) => BigInt(revision) >= cursor);
  while (left.length > 0) {
    const events = left
      .splice(0, 1 + Math.floor(random() * 12))
      .flatMap(([, group]) => group);
    while (events.length > 0) {
      const part = events.splice(0, 1 + Math.floor(random() * 6));
      yield message(60, {
        events: part,
        ...(events.length > 0 && { fragment: true }),
      });
    }
  }
  yield message(60);
}
