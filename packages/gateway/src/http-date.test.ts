import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { httpDate } from "./http-date.ts";

describe("the HTTP date", () => {
  it("is the wall's second, and follows its jumps both ways", async () => {
    const clock = new ManualClock();
    const date = httpDate(clock);
    expect(date()).toBe("Thu, 01 Jan 1970 00:00:00 GMT");
    await clock.advance(999);
    expect(date()).toBe("Thu, 01 Jan 1970 00:00:00 GMT");
    await clock.advance(1);
    expect(date()).toBe("Thu, 01 Jan 1970 00:00:01 GMT");
    clock.jumpWall(784_111_776_000);
    expect(date()).toBe("Sun, 06 Nov 1994 08:49:37 GMT");
    clock.jumpWall(-784_111_776_000);
    expect(date()).toBe("Thu, 01 Jan 1970 00:00:01 GMT");
  });
});
