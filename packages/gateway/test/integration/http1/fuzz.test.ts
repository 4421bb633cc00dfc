import { seededRandom } from "@dp/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Message, status, value } from "./message-reader.ts";
import type { RawClient } from "./raw-client.ts";
import { createRig, type Rig } from "./rig.ts";
import { ok, type UpstreamPeer } from "./scripted-upstream.ts";
import { polled, until } from "./wait.ts";

const budgetMs = 4_000;
const connectionsAtOnce = 8;

const faults: unknown[] = [];
const note = (fault: unknown): void => void faults.push(fault);

beforeEach(() => {
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
});

afterEach(() => {
  process.off("unhandledRejection", note);
  process.off("uncaughtException", note);
  expect(faults).toEqual([]);
});

/** Tears at requests. */
const crumbs = [
  "\r",
  "\n",
  "\r\n",
  "\r\n\r\n",
  "\0",
  " ",
  "\t",
  ":",
  "0",
  "\xff",
  "0\r\n\r\n",
  "Content-Length: 4\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: close\r\n",
  "Expect: 100-continue\r\n",
  "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n",
  " HTTP/1.0",
];

class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** 8 hex digits that no mutation makes out of others. */
  name(): string {
    return this.below(2 ** 32)
      .toString(16)
      .padStart(8, "0");
  }
}

const request = (dice: Dice, connection: string, nonce: string): string => {
  const own = `Host: h\r\nX-Connection: ${connection}\r\n`;
  const body = dice.of([
    "",
    "a",
    "GET /hidden HTTP/1.1\r\n\r\n",
    "\r\n0\r\n\r\n",
  ]);
  switch (dice.below(3)) {
    case 0:
      return `GET /${nonce} HTTP/1.1\r\n${own}\r\n`;
    case 1:
      return `POST /${nonce} HTTP/1.1\r\n${own}Content-Length: ${body.length}\r\n\r\n${body}`;
    default:
      return `PUT /${nonce} HTTP/1.1\r\n${own}Transfer-Encoding: chunked\r\n\r\n${body === "" ? "" : `${body.length.toString(16)};x\r\n${body}\r\n`}0\r\n\r\n`;
  }
};

const mutate = (dice: Dice, text: string): string => {
  let out = text;
  for (let edits = dice.below(4); edits > 0; edits--) {
    const at = dice.below(out.length);
    const length = dice.below(6);
    switch (dice.below(4)) {
      case 0:
        out = out.slice(0, at) + dice.of(crumbs) + out.slice(at);
        break;
      case 1:
        out = out.slice(0, at) + out.slice(at + length);
        break;
      case 2:
        out = out.slice(0, at + length * 8) + out.slice(at);
        break;
      default:
        out =
          out.slice(0, at) +
          String.fromCharCode(dice.below(256)) +
          out.slice(at + 1);
    }
  }
  return out;
};

/** Answers with what was asked, in one of many manners, some of them broken. */
const echo = async (
  manner: number,
  asked: Message,
  peer: UpstreamPeer,
): Promise<void> => {
  const [, path] = asked.startLine.split(" ");
  const mark = `X-Connection: ${value(asked, "x-connection") ?? ""}\r\nX-Path: ${path!}\r\n`;
  const body = `${path!} ${asked.body}`;
  const evil = ok("EVIL", "X-Path: /EVIL\r\n");
  switch (manner) {
    case 0: {
      peer.send(
        `HTTP/1.1 103 Early Hints\r\n${mark}\r\nHTTP/1.1 200 OK\r\n${mark}Transfer-Encoding: chunked\r\n\r\n`,
      );
      await polled();
      peer.send(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
      break;
    }
    case 1:
      peer.send(`HTTP/1.1 200 OK\r\n${mark}\r\n${body}`);
      await polled();
      peer.socket.end();
      break;
    case 2:
      // Bytes that nobody asked for, at once or a little later.
      peer.send(
        `HTTP/1.1 200 OK\r\n${mark}Content-Length: ${body.length}\r\n\r\n${body}${evil}`,
      );
      break;
    case 3:
      peer.send(
        `HTTP/1.1 200 OK\r\n${mark}Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      peer.send(evil);
      break;
    case 4:
      peer.socket.resetAndDestroy();
      break;
    case 5: {
      // Fills one read of the gateway exactly, so that what follows comes in another.
      const head = `HTTP/1.1 200 OK\r\n${mark}Content-Length: 65000\r\n`;
      const fill = 65_536 - head.length - "X: \r\n\r\n".length - 65_000;
      peer.send(
        `${head}X: ${"x".repeat(fill)}\r\n\r\n${body.padEnd(65_000)}${evil}`,
      );
      break;
    }
    default:
      peer.send(
        `HTTP/1.1 200 OK\r\n${mark}Content-Length: ${body.length}\r\n\r\n${body}`,
      );
  }
};

interface Talk {
  readonly client: RawClient;
  readonly name: string;
  readonly nonces: string[];
  readonly text: string;
  readonly size: number;
}

const send = async ({ client, text, size }: Talk): Promise<void> => {
  for (let at = 0; at < text.length && !client.over; at += size) {
    if (client.socket.writable) client.send(text.slice(at, at + size));
    await polled();
  }
};

const check = (talk: Talk, others: ReadonlySet<string>): number[] => {
  expect(talk.client.text).not.toContain("EVIL");
  const seen: number[] = [];
  const statuses: number[] = [];
  for (const answer of talk.client.answers()) {
    statuses.push(status(answer));
    if (status(answer) !== 200) continue;
    // Another connection's answer would bear its name.
    const name = value(answer, "x-connection") ?? "";
    if (name !== talk.name) expect(others.has(name)).toBe(false);
    const path = value(answer, "x-path") ?? "";
    expect(answer.body.startsWith(`${path} `)).toBe(true);
    const index = talk.nonces.indexOf(path.slice(1));
    if (index >= 0) seen.push(index);
  }
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  return statuses;
};

it("mutated traffic crashes nothing, mixes no answers, and every connection ends", async () => {
  const rig: Rig = await createRig((port) => ({
    services: {
      a: {
        targets: [`http://127.0.0.1:${port}`],
        breaker: false,
        eject: false,
        connections: { max: 2 },
      },
    },
  }));
  const dice = new Dice(20_261_122);
  rig.upstream.respond = (asked, peer) =>
    void echo(dice.below(12), asked, peer);
  const names = new Set<string>();
  const counts = new Map<number, number>();
  const endAt = performance.now() + budgetMs;
  let batches = 0;
  while (performance.now() < endAt) {
    const talks = Array.from({ length: connectionsAtOnce }, (): Talk => {
      const name = dice.name();
      names.add(name);
      const nonces = Array.from({ length: 1 + dice.below(6) }, () =>
        dice.name(),
      );
      const text = nonces.map((nonce) => request(dice, name, nonce)).join("");
      return {
        client: rig.client(),
        name,
        nonces,
        text: batches % 4 === 0 ? text : mutate(dice, text),
        size: dice.of([1, 7, 40, 1000]),
      };
    });
    await Promise.all(talks.map(send));
    // Most have all their answers soon; who waits for something is ended by a deadline.
    const quiet = (): boolean =>
      talks.every(
        (talk) =>
          talk.client.over ||
          talk.client.answers().length >= talk.nonces.length,
      );
    for (let round = 0; round < 40 && !quiet(); round++) await polled();
    for (let second = 0; second < 150; second += 5) {
      if (talks.every(({ client }) => client.over)) break;
      await rig.clock.advance(5_000);
      await polled();
      await polled();
    }
    await until("the end of every connection", () =>
      talks.every(({ client }) => client.over),
    );
    for (const talk of talks) {
      for (const each of check(talk, names))
        counts.set(each, (counts.get(each) ?? 0) + 1);
      talk.client.destroy();
    }
    // What the upstream gets is always well-formed: reading it throws otherwise.
    for (const peer of rig.upstream.peers) peer.requests();
    rig.upstream.peers.splice(
      0,
      rig.upstream.peers.length,
      ...rig.upstream.peers.filter((peer) => !peer.over),
    );
    batches++;
  }
  // Every batch did something, and both good and bad answers were seen.
  expect(counts.get(200) ?? 0).toBeGreaterThan(batches);
  expect(counts.get(400) ?? 0).toBeGreaterThan(0);
  expect(counts.get(502) ?? 0).toBeGreaterThan(0);
  await until(
    "no client connection",
    () => rig.metric("dp_gateway_connections") === 0,
  );
  await rig[Symbol.asyncDispose]();
});
