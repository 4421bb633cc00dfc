import { describe, expect, it } from "vitest";
import { slidingWindow } from "../algorithms/sliding-window.ts";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { operationCodes, type Operation } from "./operation.ts";
import { argumentsOf, readTakes } from "./takes.ts";

const bucket = tokenBucket({ limit: 5, per: "1s" });
const take = (policy: LimitPolicy, amount: number, flag = true): Operation => ({
  code: operationCodes.take,
  amount,
  nowUs: undefined,
  parts: [{ policy, states: "s", key: "k", blockKey: "k", flag, now: 0 }],
  tag: "",
});

describe("argumentsOf", () => {
  it("tells the policy's numbers, and the cost once if it is the same for all", () => {
    const takes = [take(bucket, 2), take(bucket, 2)];
    expect(argumentsOf(bucket, takes)).toEqual(
      ["token-bucket", 5, 5, 1_000_000, 1_000, 0, 2].map(String),
    );
  });

  it("tells each cost if they differ", () => {
    const policy = slidingWindow({ limit: 7, per: "1m" });
    const takes = [take(policy, 2), take(policy, 3)];
    expect(argumentsOf(policy, takes).slice(6)).toEqual(["2", "3"]);
  });
});

describe("readTakes", () => {
  const read = (text: string, flag = true) =>
    readTakes(["1000000", text], [take(bucket, 1, flag)])[0]!;

  it("reads one that took", () => {
    const { refusal, found } = read("+1200000");
    expect(refusal).toBeUndefined();
    expect(found).toMatchObject([
      { isRefused: false, blockedUs: 0, now: 1_000_000 },
    ]);
    expect([...found[0]!.cells]).toEqual([1_200_000, 0]);
  });

  it("reads a refusal, by a limit and by a block", () => {
    expect(read("-2000000 3")).toMatchObject({ refusal: "limit" });
    expect(read("-1500000!1200000")).toMatchObject({
      refusal: "blocked",
      found: [{ isRefused: true, blockedUs: 500_000 }],
    });
  });

  it("takes no block that is over for the reason of a refusal", () => {
    const { refusal, found } = read("-900000!2000000 3");
    expect(refusal).toBe("limit");
    expect(found[0]!.blockedUs).toBe(0);
    expect([...found[0]!.cells]).toEqual([2_000_000, 3]);
  });

  it("refuses nobody in the name of a policy that only watches", () => {
    expect(read("-2000000", false)).toMatchObject({
      refusal: undefined,
      found: [{ isRefused: true }],
    });
  });

  it("counts milliseconds for a policy that does", () => {
    const vast = tokenBucket({ limit: 10_400_003, per: "10d" });
    const [outcome] = readTakes(["1234567", "+1300 5"], [take(vast, 1)]);
    expect(outcome!.found[0]).toMatchObject({ now: 1_235 });
  });

  it("takes bytes for text", () => {
    const reply = [Buffer.from("1000000"), Buffer.from("+1200000")];
    expect(readTakes(reply, [take(bucket, 1)])[0]!.refusal).toBeUndefined();
  });
});
