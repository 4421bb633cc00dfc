/** What a Redis says it has done since it started. */
export interface ServerUse {
  /** Calls that clients sent: of scripts where there are any, else of every command. */
  readonly calls: number;
  /** All commands, those that scripts called included. */
  readonly commands: number;
  /** Microseconds in the calls. */
  readonly callUs: number;
  /** Microseconds of CPU, of all its threads. */
  readonly serverUs: number;
}

/** How many commands of one name there were, and how long they took together. */
interface Command {
  readonly calls: number;
  readonly us: number;
}

const scripts: readonly string[] = ["evalsha", "eval"];
/** Asked by who measures. */
const askedHere: readonly string[] = ["info"];

/** `cmdstat_get:calls=2,usec=5,…` by name. */
const commandsOf = (info: string): ReadonlyMap<string, Command> =>
  new Map(
    [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)]
      .map(([, name = "", calls, us]): [string, Command] => [
        name,
        { calls: Number(calls), us: Number(us) },
      ])
      .filter(([name]) => !askedHere.includes(name)),
  );

const cpuUs = (info: string): number =>
  ["used_cpu_sys", "used_cpu_user"]
    .map((name) => new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1])
    .reduce((sum, seconds) => sum + Number(seconds) * 1e6, 0);

/** What happened between two answers to `INFO commandstats cpu`. */
export const useBetween = (before: string, after: string): ServerUse => {
  const earlier = commandsOf(before);
  const spent = [...commandsOf(after)].map(([name, { calls, us }]) => ({
    name,
    calls: calls - (earlier.get(name)?.calls ?? 0),
    us: us - (earlier.get(name)?.us ?? 0),
  }));
  const sum = (commands: readonly Command[], of: "calls" | "us"): number =>
    commands.reduce((total, command) => total + command[of], 0);
  const ofScripts = spent.filter(({ name }) => scripts.includes(name));
  // The time of a script holds that of the commands it calls.
  const sent = sum(ofScripts, "calls") > 0 ? ofScripts : spent;
  return {
    calls: sum(sent, "calls"),
    commands: sum(spent, "calls"),
    callUs: sum(sent, "us"),
    serverUs: cpuUs(after) - cpuUs(before),
  };
};
