import { readdirSync, readFileSync } from "node:fs";

/** What one line of `/proc/<pid>/stat` says about a process. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of the process and of its children that have ended, in clock ticks. */
  readonly ticks: number;
}

/** Times in /proc are in units of USER_HZ, which is 100 on every Linux that Node runs on. */
export const microsecondsPerTick = 10_000;

/** Reads one line of `/proc/<pid>/stat` (proc_pid_stat(5)); throws on anything else. */
export const parseStat = (line: string): ProcessStat => {
  // The name is in parentheses and may itself hold spaces and parentheses.
  const nameEnd = line.lastIndexOf(")");
  const fields = line.slice(nameEnd + 2).split(" ");
  // Fields 14 to 17 of the manual page, counted from field 3, the first after the name.
  const times = fields.slice(11, 15).map(Number);
  const stat = {
    pid: Number.parseInt(line, 10),
    parent: Number(fields[1]),
    ticks: times.reduce((sum, time) => sum + time, 0),
  };
  if (nameEnd < 0 || times.length < 4 || Object.values(stat).some(Number.isNaN))
    throw new Error(`not a line of /proc/<pid>/stat: ${line}`);
  return stat;
};

/** The process `root` and everything below it, parents before children; empty when it is gone. */
export const selectTree = (
  stats: readonly ProcessStat[],
  root: number,
): readonly ProcessStat[] => {
  const tree = stats.filter((stat) => stat.pid === root);
  for (const member of tree)
    tree.push(...stats.filter((stat) => stat.parent === member.pid));
  return tree;
};

const readStat = (pid: string): readonly ProcessStat[] => {
  try {
    return [parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"))];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // It ended between the listing and the reading.
    if (code === "ENOENT" || code === "ESRCH") return [];
    throw error;
  }
};

/** {@link selectTree} of the machine as it is now. */
export const processTree = (root: number): readonly ProcessStat[] =>
  selectTree(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readStat),
    root,
  );

/** CPU time that `root` and everything below it have used so far, in microseconds, to the nearest 10 ms. */
export const cpuMicroseconds = (root: number): number =>
  processTree(root).reduce((sum, { ticks }) => sum + ticks, 0) *
  microsecondsPerTick;
