import { describe, expect, it } from "vitest";
import { redactConfig } from "./redact.ts";

describe("a redacted configuration", () => {
  it("has no digest and no text of a middleware's options, and all the rest", () => {
    const sha256 = "a".repeat(64);
    const config = {
      services: { users: ["http://127.0.0.1:1"] },
      auth: {
        k: { apiKey: { header: "x-key", keys: [{ id: "acme", sha256 }] } },
      },
      defaults: {
        use: [{ sign: { secret: "s3", deep: { list: ["s3"] }, max: 3 } }],
      },
      routes: [{ path: "/**", to: "users", use: [{ tag: { token: "s3" } }] }],
    };
    const before = structuredClone(config);
    const text = JSON.stringify(redactConfig(config));
    expect(text).not.toMatch(/aaaa|s3/);
    expect(JSON.parse(text)).toEqual({
      ...before,
      auth: {
        k: {
          apiKey: {
            header: "x-key",
            keys: [{ id: "acme", sha256: "(redacted)" }],
          },
        },
      },
      defaults: {
        use: [
          {
            sign: {
              secret: "(redacted)",
              deep: { list: ["(redacted)"] },
              max: 3,
            },
          },
        ],
      },
      routes: [
        { path: "/**", to: "users", use: [{ tag: { token: "(redacted)" } }] },
      ],
    });
    expect(config).toEqual(before);
  });
});
