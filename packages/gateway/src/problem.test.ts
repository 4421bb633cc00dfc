import { describe, expect, it } from "vitest";
import { problemAnswer, statusTitle } from "./problem.ts";

const problem = {
  status: 503,
  error: "destination_unavailable",
  detail: "Nö “x”\n\\ \u{1f600}.",
};

describe("a problem", () => {
  it("is answered as problem details with Proxy-Status, in latin1 whatever it says", () => {
    const { head, body } = problemAnswer(problem, "id-1", "dp-a", false);
    expect(head.status).toBe(503);
    expect(head.statusText).toBe("503 Service Unavailable");
    expect(head.fields).toBe(
      "content-type: application/problem+json\r\nproxy-status: dp-a; error=destination_unavailable\r\n",
    );
    expect(head.framing).toBe("length");
    expect(head.length).toBe(body.length);
    expect(body).toMatch(/^[ -~]+$/);
    expect(JSON.parse(body)).toEqual({
      type: "about:blank",
      title: "Service Unavailable",
      ...problem,
      requestId: "id-1",
    });
  });

  it("tells HEAD its length without a body", () => {
    const full = problemAnswer(problem, "a", "b", false);
    const { head, body } = problemAnswer(problem, "a", "b", true);
    expect(body).toBe("");
    expect(head.framing).toBe("none");
    expect(head.length).toBe(full.body.length);
  });

  it("tells whole seconds to wait, one at least, and adds its lines", () => {
    for (const [ms, seconds] of [
      [0, 1],
      [1, 1],
      [1_000, 1],
      [1_001, 2],
      [59_500, 60],
    ] as const) {
      const { head } = problemAnswer(
        { ...problem, retryAfterMs: ms, fields: "allow: GET\r\n" },
        "a",
        "b",
        false,
      );
      expect(head.fields).toContain(
        `\r\nretry-after: ${seconds}\r\nallow: GET\r\n`,
      );
    }
  });

  it("has a title for every status the gateway gives", () => {
    const given = [
      400, 401, 403, 404, 405, 408, 413, 414, 417, 429, 431, 500, 501, 502, 503,
      504, 505, 508,
    ];
    for (const status of given)
      expect(statusTitle(status)).not.toBe(statusTitle(299));
  });
});
