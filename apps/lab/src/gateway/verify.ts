import { connect } from "node:net";
import { connections, type Load } from "./wrk.ts";

/** An answer as it came over the wire, latin1. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const headEnd = "\r\n\r\n";

/** Reads one answer, or undefined when it is not complete yet; throws when it does not declare its length. */
export const parseAnswer = (bytes: string): Answer | undefined => {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = bytes.slice(0, end);
  const field = (name: string): string | undefined =>
    new RegExp(`\r\n${name}:[ \t]*(.*?)[ \t]*(?:\r|$)`, "i").exec(head)?.[1];
  const length = field("content-length");
  if (length === undefined)
    throw new Error(`an answer without content-length: ${head}`);
  const body = bytes.slice(end + headEnd.length);
  if (body.length < Number(length)) return undefined;
  return {
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? NaN),
    contentType: field("content-type") ?? "",
    body,
  };
};

/** Why `answer` is not the upstream's; undefined when it is, byte for byte. */
export const findDifference = (
  answer: Answer,
  expected: Answer,
): string | undefined => {
  for (const part of ["status", "contentType", "body"] as const)
    if (answer[part] !== expected[part])
      return `${part} is ${JSON.stringify(answer[part])} instead of ${JSON.stringify(expected[part])}`;
  return undefined;
};

/** Sizes of whole answers, head included, in bytes. */
export interface AnswerSizes {
  readonly smallest: number;
  readonly largest: number;
}

const silenceLimitMs = 10_000;

const verifyConnection = async (
  url: URL,
  expected: Answer,
  count: number,
): Promise<readonly number[]> => {
  // The same bytes that wrk sends.
  const request = `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`;
  const socket = connect({ port: Number(url.port), host: url.hostname });
  socket.setNoDelay(true).setEncoding("latin1");
  socket.setTimeout(silenceLimitMs, () =>
    socket.destroy(new Error(`no complete answer for ${silenceLimitMs} ms`)),
  );
  socket.write(request);
  const sizes: number[] = [];
  let bytes = "";
  for await (const chunk of socket as AsyncIterable<string>) {
    bytes += chunk;
    const answer = parseAnswer(bytes);
    if (answer === undefined) continue;
    const difference = findDifference(answer, expected);
    if (difference !== undefined)
      throw new Error(`wrong answer: ${difference}`);
    if (sizes.push(bytes.length) === count) return sizes;
    bytes = "";
    socket.write(request);
  }
  throw new Error(`closed after ${sizes.length} of ${count} answers`);
};

// Few beside wrk's 64, and enough for answers of different clients to be mixed up.
const verifyingConnections = 8;

/** Answers that one call of {@link verifyAnswers} compares. */
export const verifiedAnswers = 320;

/** Compares hundreds of answers with the expected one and tells their sizes; throws at the first that differs. */
export const verifyAnswers = async (
  url: string,
  expected: Answer,
): Promise<AnswerSizes> => {
  const each = verifiedAnswers / verifyingConnections;
  const sizes = await Promise.all(
    Array.from({ length: verifyingConnections }, () =>
      verifyConnection(new URL(url), expected, each),
    ),
  );
  return {
    smallest: Math.min(...sizes.flat()),
    largest: Math.max(...sizes.flat()),
  };
};

// wrk prints its bytes with two decimals of a kilo, mega or gigabyte.
const printedPrecision = 0.01;

/** Why not all requests of `load` were answered with a good status; undefined when they were. */
export const findFailure = (load: Load): string | undefined => {
  if (load.requests === 0) return "no request was answered";
  if (load.refused > 0)
    return `${load.refused} of ${load.requests} answers had a status of 400 or above`;
  if (load.socketErrors > 0)
    return `${load.socketErrors} socket errors in ${load.requests} requests`;
  return undefined;
};

/** What is wrong with the answers wrk has counted; undefined when all had a good status and the size of the right answer. */
export const findWrongLoad = (
  load: Load,
  { smallest, largest }: AnswerSizes,
): string | undefined => {
  const failure = findFailure(load);
  if (failure !== undefined) return failure;
  const size = load.bytes / load.requests;
  // Answers on their way when the time was over are in the bytes only.
  const underWay = (connections / load.requests) * largest;
  if (
    size < smallest * (1 - printedPrecision) ||
    size > largest * (1 + printedPrecision) + underWay
  )
    return `answers had ${size.toFixed(1)} bytes on average, the right one has ${smallest === largest ? smallest : `${smallest} to ${largest}`}`;
  return undefined;
};
