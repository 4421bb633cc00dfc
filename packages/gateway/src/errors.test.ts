import { describe, expect, it } from "vitest";
import { ConfigError, describeProblem } from "./errors.ts";

describe("ConfigError", () => {
  it("lists every problem, each on its line with its place", () => {
    const error = new ConfigError([
      { path: "listen.http", message: "must be a port" },
      {
        path: "servces",
        message: "is unknown",
        file: "g.yaml",
        line: 3,
        column: 1,
        nearest: "services",
      },
    ]);
    expect(error.code).toBe("DP_CONFIG");
    expect(error.message).toBe(
      [
        "DP_CONFIG: 2 problems in the configuration",
        "  listen.http: must be a port",
        '  g.yaml:3:1 servces: is unknown; did you mean "services"?',
      ].join("\n"),
    );
  });

  it("is known by its brand, as every DpError is", () => {
    const error: unknown = new ConfigError([{ path: "", message: "is bad" }]);
    expect(ConfigError.is(error)).toBe(true);
    expect(ConfigError.is(new Error("DP_CONFIG"))).toBe(false);
  });
});

describe("a problem", () => {
  it("is told without what is not known of it", () => {
    expect(describeProblem({ path: "", message: "is bad" })).toBe("is bad");
    expect(describeProblem({ path: "", message: "is bad", file: "f" })).toBe(
      "f: is bad",
    );
    expect(
      describeProblem({ path: "a", message: "is bad", file: "f", line: 2 }),
    ).toBe("f:2 a: is bad");
  });
});
