import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consecutive } from "../../index.ts";
import { replay, replayTimeline, type ReplayReport } from "../index.ts";

const line = (atMs: number, outcome: string, durationMs = 0): string =>
  JSON.stringify({ atMs, durationMs, outcome });

const reportOf = (
  lines: readonly string[],
  ...names: readonly string[]
): Promise<ReplayReport> =>
  replay(
    lines,
    names.map((name) => ({
      ...{ name, trip: consecutive(2), openFor: 100, probes: 1 },
    })),
  );

/** Fails unless every element is closed in order and no bare `&` or `<` is left. */
const requireWellFormed = (svg: string): void => {
  const open: string[] = [];
  for (const [tag, end, name, empty] of svg.matchAll(
    /<(\/?)([a-z]+)(?: [a-zA-Z-]+="[^"<]*")*(\/?)>/g,
  )) {
    if (end === "/") expect(open.pop(), tag).toBe(name);
    else if (empty === "" && name !== undefined) open.push(name);
  }
  expect(open).toEqual([]);
  const text = svg.replaceAll(/<\/?[a-z]+(?: [a-zA-Z-]+="[^"<]*")*\/?>/g, "");
  expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot);)/);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
};

const outage = [
  ...[line(0, "success"), line(10, "failure"), line(20, "failure")],
  ...[line(50, "success"), line(200, "success", 100), line(400, "success")],
];

describe("a timeline", () => {
  it("has a lane for each configuration, with a colour for each state, and says it in words", async () => {
    const svg = replayTimeline(await reportOf(outage, "one", "two"));
    requireWellFormed(svg);
    expect(svg.match(/<g>/g)).toHaveLength(2);
    expect(svg).toContain("<title>What each breaker would have done</title>");
    expect(svg).toContain(
      "<desc>6 calls from 0:00:00.000 to 0:00:00.400, 33.3 % failed. one: opened once, open for 100 ms; refused 0 rightly, 1 wrongly. two: ",
    );
    // 400 ms on 956 units: open from 20 to 120, half-open to 300.
    expect(svg).toContain('d="M267.8 214V186H506.8V214Z" fill="#b3261e"');
    expect(svg).toContain('d="M506.8 214V186H937V214Z" fill="#f0a500"');
    expect(svg).toContain('fill="#ffffff"');
  });

  it("draws a slice in which the state changes in parts", async () => {
    const long = [...outage, line(1_024 * 8 - 1, "success")];
    const svg = replayTimeline(await reportOf(long, "one"));
    // 8 ms a slice: open for half of the third one, half-open for 4 ms of the 37th.
    expect(svg).toMatch(/V200H[\d.]+V214Z/);
  });

  it("is the same bytes for the same report", async () => {
    const [one, other] = [
      await reportOf(outage, "one"),
      await reportOf(outage, "one"),
    ];
    expect(replayTimeline(one)).toBe(replayTimeline(other));
    const read = JSON.parse(JSON.stringify(one)) as ReplayReport;
    expect(replayTimeline(read)).toBe(replayTimeline(one));
  });

  it("writes names as text, whatever they are, and cuts long ones by what people see", async () => {
    const name = `</text><script>alert("x")</script>&amp;\u0000\ud800`;
    const svg = replayTimeline(await reportOf(outage, name));
    requireWellFormed(svg);
    expect(svg).not.toContain("<script");
    expect(svg).toContain(
      "&lt;/text&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;\ufffd\ufffd: opened",
    );
    const flags = replayTimeline(await reportOf(outage, "🇩🇪".repeat(30)));
    expect(flags).toContain(`>${"🇩🇪".repeat(25)}…</text>`);
  });

  it("can be drawn of any log", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.oneof(fc.nat(5), fc.nat(100_000_000)),
            fc.constantFrom("success", "failure"),
            fc.oneof(fc.constant(0), fc.nat(50_000)),
          ),
          { minLength: 1 },
        ),
        fc.string({ unit: "binary", minLength: 1 }),
        async (calls, name) => {
          const lines = calls.map((call) => line(...call));
          requireWellFormed(replayTimeline(await reportOf(lines, name)));
        },
      ),
    );
  });

  it("stays small however often a breaker opens", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) =>
      line(index * 60, index % 5 < 2 ? "failure" : "success"),
    );
    const svg = replayTimeline(await reportOf(lines, "one"));
    expect(svg.length).toBeLessThan(150_000);
  });
});
