import { describe, expect, it } from "vitest";
import { parseWrk } from "./wrk.ts";

const report = (extra = ""): string => `Running 1s test @ http://127.0.0.1:1/
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   526.64us    1.16ms  19.96ms   93.69%
    Req/Sec    28.22k    13.49k   42.08k    60.00%
  Latency Distribution
     50%  216.00us
     75%  402.00us
     90%    1.05ms
     99%    5.15ms
  28193 requests in 4.01s, 4.66MB read
${extra}Requests/sec:  28116.21
Transfer/sec:      4.64MB
`;

describe("parseWrk", () => {
  it("reads counts, bytes and percentiles with their units", () => {
    expect(parseWrk(report())).toEqual({
      requests: 28_193,
      seconds: 4.01,
      bytes: 4.66 * 1024 * 1024,
      p50Ms: 0.216,
      p99Ms: 5.15,
      socketErrors: 0,
      refused: 0,
    });
  });

  it("adds up the socket errors of every kind", () => {
    const line =
      "  Socket errors: connect 1, read 36, write 200, timeout 4000\n";
    expect(parseWrk(report(line)).socketErrors).toBe(4237);
  });

  it("reads the number of refused requests", () => {
    const line = "  Non-2xx or 3xx responses: 282\n";
    expect(parseWrk(report(line)).refused).toBe(282);
  });

  it("reads minutes, seconds and gigabytes", () => {
    const long = report()
      .replace("4.01s, 4.66MB", "1.50m, 1.25GB")
      .replace("5.15ms", "1.20s ");
    expect(parseWrk(long)).toMatchObject({
      seconds: 90,
      bytes: 1.25 * 1024 ** 3,
      p99Ms: 1200,
    });
  });

  it("reads a report of plain bytes", () => {
    const tiny = report().replace("4.66MB", "512.00B");
    expect(parseWrk(tiny).bytes).toBe(512);
  });

  it("refuses a report without percentiles and shows what came instead", () => {
    expect(() =>
      parseWrk("unable to connect to 127.0.0.1:1 Connection refused\n"),
    ).toThrow("Connection refused");
    expect(() => parseWrk(report().replace("99%", "98%"))).toThrow("99%");
  });
});
