import type { LimitPolicy } from "../algorithms/algorithm.ts";
import { readCells, type Found, type Outcome } from "../remote/answer.ts";
import {
  numbersOf,
  operationCodes,
  type Operation,
  type Part,
} from "./operation.ts";

/** Whether an operation can be carried out in the short way, together with others of the same policy. */
export const isPlainTake = ({ code, nowUs, parts }: Operation): boolean =>
  code === operationCodes.take &&
  nowUs === undefined &&
  parts.length === 1 &&
  parts[0]?.key === parts[0]?.blockKey;

/** What the script is told for takes from one policy: see `takeLua`. */
export const argumentsOf = (
  policy: LimitPolicy,
  takes: readonly Operation[],
): string[] => {
  const told = numbersOf(policy).map(String);
  const cost = takes[0]?.amount;
  return takes.every(({ amount }) => amount === cost)
    ? [...told, String(cost)]
    : [...told, ...takes.map(({ amount }) => String(amount))];
};

/** Reads the replies to takes from one policy: the time, and what each key holds now. */
export const readTakes = (
  reply: unknown,
  takes: readonly Operation[],
): Outcome[] => {
  // A client may be told to give bytes in place of text.
  const [time, texts] = (reply as readonly unknown[]).map(String);
  const nowUs = Number(time);
  const each = (texts as string).split(";");
  return takes.map(({ parts }, index) =>
    readTake(each[index] as string, nowUs, parts[0] as Part),
  );
};

/** Reads `+<state>` of one that took and `-<state>` of one that was refused. */
const readTake = (
  text: string,
  nowUs: number,
  { policy, flag }: Part,
): Outcome => {
  const isRefused = text.charCodeAt(0) === minus;
  const mark = isRefused ? text.indexOf("!") : -1;
  const untilUs = mark < 0 ? 0 : Number(text.slice(1, mark));
  const blockedUs = Math.max(0, untilUs - nowUs);
  const found: Found = {
    policy,
    enforced: flag,
    isRefused,
    blockedUs,
    now: policy.unitsPerMs === 1 ? Math.round(nowUs / 1_000) : nowUs,
    cells: readCells(text.slice(Math.max(mark, 0) + 1).split(" "), 0),
  };
  if (!isRefused || !flag) return { refusal: undefined, found: [found] };
  return { refusal: blockedUs > 0 ? "blocked" : "limit", found: [found] };
};

const minus = 0x2d;
