import { describe, expect, it } from "vitest";
import {
  errorIn,
  isCompacted,
  isFuture,
  isLeaseGone,
  isTokenRefused,
  isUnavailable,
} from "./etcd-error.ts";

const compacted = "etcdserver: mvcc: required revision has been compacted";

describe("errorIn", () => {
  it.each([
    ["a call to 3.4", 400, { error: compacted, message: compacted, code: 11 }],
    [
      "a call to 3.5 and later",
      400,
      { code: 11, message: compacted, details: [] },
    ],
    [
      "a stream of 3.4",
      200,
      {
        error: {
          grpc_code: 11,
          http_code: 400,
          message: compacted,
          http_status: "Bad Request",
        },
      },
    ],
    [
      "a stream of 3.5 and later",
      200,
      { error: { code: 11, message: compacted, details: [] } },
    ],
  ])("reads the error of %s", (_, status, answer) => {
    const error = errorIn(answer, status);
    expect(error).toMatchObject({
      code: "DP_ETCD",
      grpcCode: 11,
      message: `DP_ETCD: ${compacted}`,
    });
    expect(isCompacted(error)).toBe(true);
  });

  it("finds none in an answer", () => {
    expect(errorIn({ header: {} }, 200)).toBeUndefined();
    expect(errorIn({ result: {} }, 200)).toBeUndefined();
  });

  it("makes do with a status", () => {
    expect(errorIn({}, 503)).toMatchObject({ grpcCode: 14, retryable: true });
    expect(errorIn(null, 401)).toMatchObject({ grpcCode: 16 });
    expect(errorIn("no", 404)).toMatchObject({ grpcCode: 2 });
    expect(errorIn({}, 502)?.message).toBe("DP_ETCD: HTTP status 502");
  });

  it("tells what can be helped by trying again from what cannot", () => {
    const retryable = (code: number): boolean | undefined =>
      errorIn({ code, message: "m" }, 500)?.retryable;
    expect([14, 8, 4, 2].map(retryable)).toEqual([true, true, true, true]);
    expect([3, 7, 9, 12].map(retryable)).toEqual([false, false, false, false]);
  });
});

describe("what etcd's words mean", () => {
  const error = (message: string, code = 2): unknown =>
    errorIn({ message, code }, 400);

  it("is known by the words of etcd's rpctypes", () => {
    expect(
      isFuture(
        error("etcdserver: mvcc: required revision is a future revision"),
      ),
    ).toBe(true);
    expect(isLeaseGone(error("etcdserver: requested lease not found"))).toBe(
      true,
    );
    for (const words of [
      "etcdserver: invalid auth token",
      "etcdserver: revision of auth store is old",
      "etcdserver: user name is empty",
    ])
      expect(isTokenRefused(error(words))).toBe(true);
    expect(isTokenRefused(error("anything", 16))).toBe(true);
    expect(isUnavailable(error("etcdserver: no leader", 14))).toBe(true);
    expect(isUnavailable(error("etcdserver: permission denied", 7))).toBe(
      false,
    );
    expect(isCompacted(new Error(compacted))).toBe(false);
  });
});
