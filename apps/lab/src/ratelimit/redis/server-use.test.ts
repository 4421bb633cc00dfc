import { describe, expect, it } from "vitest";
import { useBetween } from "./server-use.ts";

const info = (
  cpu: readonly [string, string],
  commands: Readonly<Record<string, readonly [number, number]>>,
): string =>
  [
    "# CPU",
    `used_cpu_sys:${cpu[0]}`,
    `used_cpu_user:${cpu[1]}`,
    "used_cpu_sys_children:9.000000",
    "used_cpu_user_main_thread:9.000000",
    "# Commandstats",
    ...Object.entries(commands).map(
      ([name, [calls, us]]) =>
        `cmdstat_${name}:calls=${calls},usec=${us},usec_per_call=1.00,rejected_calls=0,failed_calls=0`,
    ),
  ].join("\r\n");

describe("what a Redis has done between two looks", () => {
  it("counts a script as one call whose time holds that of its commands", () => {
    const before = info(["1.000000", "2.000000"], { evalsha: [10, 100] });
    const after = info(["1.000200", "2.000300"], {
      evalsha: [14, 180],
      get: [4, 8],
      set: [4, 12],
      info: [1, 500],
    });
    const use = useBetween(before, after);
    expect(use).toMatchObject({ calls: 4, commands: 12, callUs: 80 });
    expect(use.serverUs).toBeCloseTo(500, 3);
  });

  it("counts every command as a call where no script ran", () => {
    const before = info(["1.0", "2.0"], { get: [1, 2], evalsha: [5, 50] });
    const after = info(["1.0", "2.0"], { get: [4, 8], evalsha: [5, 50] });
    expect(useBetween(before, after)).toEqual({
      calls: 3,
      commands: 3,
      callUs: 6,
      serverUs: 0,
    });
  });
});
