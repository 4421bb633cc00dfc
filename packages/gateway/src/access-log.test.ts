import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { accessLine, type AccessEntry } from "./access-log.ts";

const entry: AccessEntry = {
  requestId: "1",
  client: "1.2.3.4",
  method: "GET",
  path: '/a"\n\xe9',
  host: "h",
  status: 200,
  error: undefined,
  durationMs: 1.23456,
  bytes: 10,
  route: "/a",
  service: undefined,
  instance: undefined,
  attempts: 0,
  authId: undefined,
};

describe("a line of the access log", () => {
  it("is one line of JSON with the wall's time, without what is absent", () => {
    const clock = new ManualClock();
    const line = accessLine(clock, entry);
    expect(line).not.toContain("\n");
    expect(JSON.parse(line)).toEqual({
      time: "1970-01-01T00:00:00.000Z",
      requestId: "1",
      client: "1.2.3.4",
      method: "GET",
      path: '/a"\n\xe9',
      host: "h",
      status: 200,
      durationMs: 1.235,
      bytes: 10,
      route: "/a",
      attempts: 0,
    });
  });
});
