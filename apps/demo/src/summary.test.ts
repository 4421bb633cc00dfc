import { describe, expect, it } from "vitest";
import { createSummary, readMetrics } from "./summary.ts";

const metricsOf = (
  ok: number,
  limited: number,
  within: readonly [number, number, number],
  state: string,
  refused: number,
): string => `# TYPE dp_gateway_requests_total counter
dp_gateway_requests_total{route="/a/**",status="200"} ${ok}
dp_gateway_requests_total{route="/a/**",status="429"} ${limited}
dp_gateway_request_duration_seconds_bucket{route="/a/**",le="0.001"} ${within[0]}
dp_gateway_request_duration_seconds_bucket{route="/a/**",le="0.01"} ${within[1]}
dp_gateway_request_duration_seconds_bucket{route="/a/**",le="+Inf"} ${within[2]}
dp_breaker_calls_total{breaker="pay",outcome="refused"} ${refused}
dp_breaker_state{breaker="pay",state="closed"} ${state === "closed" ? 1 : 0}
dp_breaker_state{breaker="pay",state="open"} ${state === "open" ? 1 : 0}
`;

const lines = async (...texts: readonly string[]): Promise<string[]> => {
  const left = [...texts];
  const summary = createSummary({
    metrics: () => Promise.resolve(left.shift() ?? ""),
    standings: () => Promise.reject(new Error("not asked")),
    breakerState: () => Promise.reject(new Error("not asked")),
  });
  const made: string[] = [];
  for (let line = 0; line < texts.length; line++) made.push(await summary());
  return made.map((line) => line.replace(/^\d+ rps/, "N rps"));
};

describe("the summary line", () => {
  it("tells what happened since the last one", async () => {
    const first = metricsOf(1_000, 50, [900, 990, 1_050], "closed", 7);
    const second = metricsOf(1_100, 55, [995, 1_095, 1_155], "open", 9);
    expect(await lines(first, second)).toEqual([
      "N rps · p99 - · open breakers: none · refused 0",
      "N rps · p99 <= 10 ms · open breakers: pay · refused 7",
    ]);
  });
});

describe("readMetrics", () => {
  it("reads the samples asked for", () => {
    expect(
      readMetrics('# HELP a A.\na 1\nb{x="1",y=""} +Inf\nc 3\n', ["a", "b"]),
    ).toEqual([
      { name: "a", labels: {}, value: 1 },
      { name: "b", labels: { x: "1", y: "" }, value: Infinity },
    ]);
  });
});
