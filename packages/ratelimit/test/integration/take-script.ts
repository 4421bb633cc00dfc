import { seededRandom, type Random } from "@dp/core";
import { expect } from "vitest";
import type { LimitPolicy } from "../../src/index.ts";
import { operationCodes, type Operation } from "../../src/redis/operation.ts";
import { decideScript } from "../../src/redis/scripts.ts";
import { argumentsOf } from "../../src/redis/takes.ts";
import type { Connection } from "./redis-connections.ts";

const calls = 300;
const mostKeys = 12;

/** What a key held at first, what the script said, and what it holds then, for how long: all at one moment of Redis. */
type Told = readonly [
  before: readonly (string | null)[],
  reply: readonly [string, string],
  after: readonly (string | null)[],
  keptMs: readonly number[],
];

const around = (script: string): string => `
local before = redis.call('MGET', unpack(KEYS))
local function run()
${script}
end
local reply, kept = run(), {}
for i = 1, #KEYS do kept[i] = redis.call('PTTL', KEYS[i]) end
return { before, reply, redis.call('MGET', unpack(KEYS)), kept }
`;

/** Takes in the short way from keys in all sorts of states, and expects what the policy's own functions make of them. */
export const playTakes = async (
  policy: LimitPolicy,
  connection: Connection,
  prefix: string,
): Promise<{ granted: number; refused: number }> => {
  const random = seededRandom(43);
  const script = around(decideScript.text);
  const counts = { granted: 0, refused: 0 };
  for (let call = 0; call < calls; call++) {
    const keys = Array.from(
      { length: 1 + Math.floor(random() * mostKeys) },
      () => `${prefix}:${Math.floor(random() * 8)}`,
    );
    const isSame = random() < 0.5;
    const cost = costOf(policy, random);
    const takes = keys.map((key): Operation => {
      const states = policy.identity;
      const part = { policy, states, key, blockKey: key, flag: true, now: 0 };
      return {
        code: operationCodes.take,
        amount: isSame ? cost : costOf(policy, random),
        nowUs: undefined,
        parts: [part],
        tag: "",
      };
    });
    const startedMs = performance.now();
    const told = (await connection.command(
      ...["EVAL", script, String(keys.length), ...keys, "1"],
      ...argumentsOf(policy, takes),
    )) as Told;
    const tookMs = performance.now() - startedMs;
    const nowUs = Number(told[1][0]);
    const expected = modelOf(policy, nowUs, takes, told[0]);
    expect(told[1][1].split(";"), `call ${call}`).toEqual(expected.replies);
    for (const [index, key] of keys.entries()) {
      const written = expected.written.get(key);
      expect(told[2][index]).toBe(written?.text ?? told[0][index]);
      if (written === undefined) continue;
      // Redis keeps whole milliseconds of the clock.
      expect(told[3][index]).toBeLessThanOrEqual(written.keptMs);
      expect(told[3][index]).toBeGreaterThan(written.keptMs - 5 - tookMs);
    }
    for (const reply of expected.replies)
      counts[reply.startsWith("+") ? "granted" : "refused"]++;
    // However fast time goes, there is always something to take.
    const chance = random();
    if (chance < 0.4) await connection.command("DEL", ...keys);
    else if (chance < 0.7)
      await connection.command(
        ...["SET", keys[0]!, oddState(policy, nowUs, random), "PX", "600000"],
      );
  }
  return counts;
};

const costOf = (policy: LimitPolicy, random: Random): number =>
  random() < 0.5
    ? 1 + Math.floor(random() * 3)
    : 1 + Math.floor(random() * policy.burst * 1.1);

const nowIn = (policy: LimitPolicy, nowUs: number): number =>
  policy.unitsPerMs === 1 ? Math.round(nowUs / 1_000) : nowUs;

/** A state that a wrong clock has left, or of a subject that is blocked, or was. */
const oddState = (
  policy: LimitPolicy,
  nowUs: number,
  random: Random,
): string => {
  const farUnits = policy.periodMs * policy.unitsPerMs * random() * 10;
  const cells = new Float64Array(policy.width);
  const far = Math.round(nowIn(policy, nowUs) + farUnits);
  policy.start(cells, 0, far);
  policy.charge(cells, 0, far, 1);
  const untilUs = Math.round(nowUs + (random() - 0.5) * 1e6);
  const state = random() < 0.3 ? "" : textOf(policy, cells);
  return random() < 0.6 || state === "" ? `${untilUs}!${state}` : state;
};

/** A state as the script writes it: of a log the units in the order of time. */
const textOf = (policy: LimitPolicy, cells: Float64Array): string => {
  const [first = 0, second = 0] = cells;
  if (policy.kind === "sliding-log") {
    const places = cells.length - 2;
    const times = Array.from(
      { length: second },
      (_, index) => cells[2 + ((first + index) % places)],
    );
    return [0, second, ...times].join(" ");
  }
  return cells.length === 2 && second === 0
    ? String(first)
    : [...cells].join(" ");
};

/** The replies to the takes, and what is written with how long to live. */
const modelOf = (
  policy: LimitPolicy,
  nowUs: number,
  takes: readonly Operation[],
  before: readonly (string | null)[],
): {
  replies: string[];
  written: Map<string, { text: string; keptMs: number }>;
} => {
  const now = nowIn(policy, nowUs);
  const written = new Map<string, { text: string; keptMs: number }>();
  const replies = takes.map(({ amount, parts }, index) => {
    const key = parts[0]!.key;
    const value = written.get(key)?.text ?? before[index] ?? "";
    const [, until, state = ""] = /^(?:(\d+)!)?(.*)$/.exec(value)!;
    const untilUs = Number(until ?? 0);
    const isBlocked = untilUs > nowUs;
    const block = isBlocked ? `${untilUs}!` : "";
    const cells = new Float64Array(policy.width);
    let isHealed = false;
    if (state === "") policy.start(cells, 0, now);
    else {
      cells.set(state.split(" ").map(Number));
      isHealed = policy.heal(cells, 0, now);
    }
    const isTaken = !isBlocked && policy.wait(cells, 0, now, amount) === 0;
    if (isTaken) policy.charge(cells, 0, now, amount);
    let text = block + textOf(policy, cells);
    if (isTaken || isHealed) {
      const busyMs = Math.ceil(
        (policy.idleAt(cells, 0) - now) / policy.unitsPerMs,
      );
      const blockedMs = Math.ceil((untilUs - nowUs) / 1_000);
      written.set(key, { text, keptMs: Math.max(busyMs, blockedMs) });
    } else if (state !== "") text = value;
    return (isTaken ? "+" : "-") + text;
  });
  return { replies, written };
};
