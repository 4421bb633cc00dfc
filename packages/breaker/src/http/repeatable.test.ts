import { Readable } from "node:stream";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { isRepeatable } from "./repeatable.ts";

/** That of another copy of undici. */
class ForeignFormData {
  readonly [Symbol.toStringTag] = "FormData";
}

const url = "http://localhost/";

describe("a request that may be sent again", () => {
  it("has an idempotent method, in whatever case", () => {
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "put"])
      expect(isRepeatable(url, { method })).toBe(true);
    expect(isRepeatable(new URL(url), undefined)).toBe(true);
    for (const method of ["POST", "PATCH", "LOCK"])
      expect(isRepeatable(url, { method })).toBe(false);
  });

  it("or an Idempotency-Key, in whatever form its headers are", () => {
    for (const headers of [
      { "Idempotency-Key": "a" },
      [["idempotency-key", "a"]] as [string, string][],
      new Headers({ "idempotency-key": "a" }),
    ])
      expect(isRepeatable(url, { method: "POST", headers })).toBe(true);
  });

  it("has a body that sending it does not use up", () => {
    for (const body of [
      "text",
      Buffer.from("bytes"),
      new Uint8Array(3),
      new ArrayBuffer(3),
      new DataView(new ArrayBuffer(3)),
      new URLSearchParams("a=1"),
      new Blob(["blob"]),
      new File(["file"], "name"),
      new FormData(),
      new ForeignFormData() as unknown as FormData,
      runInNewContext("new ArrayBuffer(3)") as ArrayBuffer,
      null,
    ])
      expect(isRepeatable(url, { method: "PUT", body })).toBe(true);
    for (const body of [
      new ReadableStream(),
      Readable.from(["a"]),
      (async function* () {
        await Promise.resolve();
        yield Buffer.from("a");
      })(),
    ])
      expect(
        isRepeatable(url, {
          method: "PUT",
          body: body as NonNullable<RequestInit["body"]>,
        }),
      ).toBe(false);
  });

  it("can be a Request without a body", () => {
    const post = { method: "POST", headers: { "idempotency-key": "a" } };
    expect(isRepeatable(new Request(url), undefined)).toBe(true);
    expect(isRepeatable(new Request(url, post), undefined)).toBe(true);
    const put = new Request(url, { method: "PUT", body: "text" });
    expect(isRepeatable(put, undefined)).toBe(false);
    expect(isRepeatable(put, { body: null })).toBe(false);
  });

  it("is judged by what overrides the Request", () => {
    const post = new Request(url, {
      method: "POST",
      headers: { "idempotency-key": "a" },
    });
    expect(isRepeatable(post, { method: "GET" })).toBe(true);
    expect(isRepeatable(post, { headers: {} })).toBe(false);
    expect(isRepeatable(new Request(url), { method: "POST" })).toBe(false);
    const put = new Request(url, { method: "PUT", body: "text" });
    expect(isRepeatable(put, { body: "other" })).toBe(true);
  });
});
