import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMicroseconds, microsecondsPerTick } from "./cpu.ts";

/** CPU time that all cores have spent since boot on anything, and altogether, in ticks. */
export interface MachineTime {
  readonly busy: number;
  readonly total: number;
}

/** Reads the first line of `/proc/stat` (proc_stat(5)); time stolen by the host counts as busy. */
export const parseMachineTime = (text: string): MachineTime => {
  // user nice system idle iowait irq softirq steal; guest time is part of user already.
  const times = /^cpu +(.*)$/m.exec(text)?.[1]?.split(" ").slice(0, 8);
  const ticks = (times ?? []).map(Number);
  const [, , , idle, waiting] = ticks;
  if (ticks.length < 8 || idle === undefined || waiting === undefined)
    throw new Error("/proc/stat has no line of all CPU times");
  const total = ticks.reduce((sum, time) => sum + time, 0);
  return { busy: total - idle - waiting, total };
};

/** The share of all cores that went to other work than this process and everything below it, from 0 to 1. */
export type OthersShare = number;

const readMachineTime = (): MachineTime =>
  parseMachineTime(readFileSync("/proc/stat", "latin1"));

/** Starts to watch the machine; the returned function tells the share of others since then. */
export const watchOthers = (): (() => OthersShare) => {
  const ownTicks = () => cpuMicroseconds(process.pid) / microsecondsPerTick;
  const start = readMachineTime();
  const ownStart = ownTicks();
  return () => {
    const end = readMachineTime();
    const others = end.busy - start.busy - (ownTicks() - ownStart);
    const total = end.total - start.total;
    // The two clocks are not read at the same instant.
    return total === 0 ? 0 : Math.min(1, Math.max(0, others / total));
  };
};

/** Above this share of others the cost of a request is no longer that of a proxy alone. */
export const quietShare: OthersShare = 0.1;

const sampleMs = 300;

/** Waits until others leave the machine alone, at most `limitMs`; returns at once on an idle machine. */
export const waitForQuiet = async (limitMs: number): Promise<void> => {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const others = watchOthers();
    await sleep(sampleMs);
    if (others() <= quietShare || performance.now() > giveUpAt) return;
  }
};
