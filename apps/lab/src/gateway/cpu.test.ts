import { describe, expect, it } from "vitest";
import { cpuMicroseconds, parseStat, selectTree } from "./cpu.ts";

const line = (pid: number, name: string, parent: number, times: string) =>
  `${pid} (${name}) S ${parent} 7098 4111 0 -1 4194304 99 0 0 0 ${times} 20 0 1 0 110310 3133440 393`;

describe("parseStat", () => {
  it("adds user and system time of the process and of its ended children", () => {
    expect(parseStat(line(71, "nginx", 70, "250 31 7 2"))).toEqual({
      pid: 71,
      parent: 70,
      ticks: 290,
    });
  });

  it("reads a name that holds spaces and parentheses", () => {
    expect(parseStat(line(8, "tmux: (a) b) 9 9 9", 1, "1 2 0 0"))).toEqual({
      pid: 8,
      parent: 1,
      ticks: 3,
    });
  });

  it.each(["", "12", "12 (cat) S 1", "x (cat) S 1 2 3"])(
    "refuses %j",
    (text) => {
      expect(() => parseStat(text)).toThrow("/proc/<pid>/stat");
    },
  );
});

describe("selectTree", () => {
  const stat = (pid: number, parent: number) => ({ pid, parent, ticks: 1 });
  const stats = [stat(5, 4), stat(1, 0), stat(4, 2), stat(2, 1), stat(3, 1)];

  it("holds the root and all that descends from it, and no one else", () => {
    expect(selectTree(stats, 2).map(({ pid }) => pid)).toEqual([2, 4, 5]);
  });

  it("is empty for a process that is gone", () => {
    expect(selectTree(stats, 99)).toEqual([]);
  });
});

describe("cpuMicroseconds", () => {
  it("grows by about the time this process computes", () => {
    const used = () => {
      const { user, system } = process.cpuUsage();
      return user + system;
    };
    const before = cpuMicroseconds(process.pid);
    const start = used();
    while (used() - start < 100_000);
    const grown = cpuMicroseconds(process.pid) - before;
    expect(grown).toBeGreaterThanOrEqual(80_000);
    expect(grown).toBeLessThan(400_000);
  });
});
