import { describe, expect, it } from "vitest";
import { HeldBody } from "./held-body.ts";

const piece = (size: number): Buffer[] => [Buffer.alloc(size, "x")];

describe("HeldBody", () => {
  it("gives a small body to every attempt", () => {
    const body = new HeldBody();
    body.add(piece(10), 10, false, false);
    body.add(piece(5), 5, true, false);
    for (let attempt = 0; attempt < 2; attempt++)
      expect(body.take("length")).toBe("x".repeat(15));
    expect([body.replayable, body.complete]).toEqual([true, true]);
  });

  it("gives a later attempt also what an earlier one sent itself", () => {
    const body = new HeldBody();
    body.add(piece(10), 10, false, false);
    body.take("chunked");
    body.add(piece(2), 2, true, true);
    expect(body.take("chunked")).toBe(`c\r\n${"x".repeat(12)}\r\n0\r\n\r\n`);
  });

  it("asks the client to wait beyond 64 KiB, and forgets that much once it is sent", () => {
    const body = new HeldBody();
    body.add(piece(64 * 1024), 64 * 1024, false, false);
    expect(body.full).toBe(false);
    body.add(piece(1), 1, false, false);
    expect(body.full).toBe(true);
    expect(body.take("length")).toHaveLength(64 * 1024 + 1);
    expect([body.full, body.replayable]).toEqual([false, false]);
  });

  it("forgets a body that grows beyond 64 KiB on its way", () => {
    const body = new HeldBody();
    body.add(piece(60_000), 60_000, false, false);
    body.take("length");
    body.add(piece(60_000), 60_000, true, true);
    expect(body.replayable).toBe(false);
    expect(body.received).toBe(120_000);
    expect(body.take("length")).toBe("");
  });

  it("holds nothing of a request without body and can always replay it", () => {
    const body = new HeldBody();
    body.add([], 0, true, false);
    expect([body.take("none"), body.replayable]).toEqual(["", true]);
  });

  it("holds a body in crumbs as a few copies, in order", () => {
    const crumbs = Array.from({ length: 1_000 }, (_, index) =>
      Buffer.from(String(index % 10)),
    );
    const text = crumbs.join("");
    for (const reads of [[crumbs], crumbs.map((crumb) => [crumb])]) {
      const body = new HeldBody();
      for (const pieces of reads)
        body.add(pieces, pieces.length, pieces.includes(crumbs[999]!), false);
      expect(body.take("length")).toBe(text);
      // What is held no longer needs the pieces it came in, but for the latest.
      const kept = crumbs.map((crumb) => crumb.toString());
      for (const crumb of crumbs.slice(0, 900)) crumb.fill("x");
      expect(body.take("length").slice(0, 900)).toBe(text.slice(0, 900));
      crumbs.forEach((crumb, index) => crumb.write(kept[index]!));
    }
  });
});
