import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";

/** One record of an answer; names are written compressed where the message has them already. */
export type DoubleRecord =
  | { readonly type: "A"; readonly address: string }
  | { readonly type: "AAAA"; readonly groups: readonly number[] }
  | {
      readonly type: "SRV";
      readonly target: string;
      readonly port: number;
      readonly priority?: number;
      readonly weight?: number;
    };

/** How a name is answered, for one type of question. */
export type DoubleAnswer =
  | readonly DoubleRecord[]
  | "NXDOMAIN"
  | "SERVFAIL"
  | "REFUSED"
  | "TRUNCATED"
  | "GARBAGE"
  | "SILENCE";

export interface DnsDouble extends AsyncDisposable {
  readonly server: string;
  /** Questions so far, as `SRV web.test`. */
  readonly questions: readonly string[];
  answer(type: string, name: string, answer: DoubleAnswer): void;
}

const types: Record<number, string> = { 1: "A", 28: "AAAA", 33: "SRV" };
const codes: Record<string, number> = { A: 1, AAAA: 28, SRV: 33 };
const ttl = [0, 0, 1, 44]; // 300 s: one that is kept would be seen to be kept
const word = (value: number): number[] => [value >> 8, value & 255];

/** A message under construction, and where in it each name starts (RFC 1035, 4.1.4). */
class Message {
  readonly bytes: number[] = [];
  readonly #names = new Map<string, number>();

  name(name: string): this {
    const known = this.#names.get(name);
    if (name === "") this.bytes.push(0);
    else if (known !== undefined) this.bytes.push(...word(0xc000 | known));
    else {
      this.#names.set(name, this.bytes.length);
      const [label = "", ...rest] = name.split(".");
      this.bytes.push(label.length, ...Buffer.from(label));
      this.name(rest.join("."));
    }
    return this;
  }

  /** The target of an SRV record must not be compressed (RFC 2782). */
  plainName(name: string): this {
    for (const label of name.split(".").filter(Boolean))
      this.add(label.length, ...Buffer.from(label));
    return this.add(0);
  }

  add(...bytes: number[]): this {
    this.bytes.push(...bytes);
    return this;
  }

  record(owner: string, record: DoubleRecord): void {
    this.name(owner).add(...word(codes[record.type]!), 0, 1, ...ttl, 0, 0);
    const start = this.bytes.length;
    if (record.type === "A") this.add(...record.address.split(".").map(Number));
    else if (record.type === "AAAA") this.add(...record.groups.flatMap(word));
    else {
      const { priority = 0, weight = 0, port, target } = record;
      this.add(...word(priority), ...word(weight), ...word(port)).plainName(
        target,
      );
    }
    const [high, low] = word(this.bytes.length - start) as [number, number];
    this.bytes[start - 2] = high;
    this.bytes[start - 1] = low;
  }
}

const questionOf = (query: Buffer): { name: string; type: string } => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const type = types[query.readUInt16BE(at + 1)] ?? "OTHER";
  return { name: labels.join(".").toLowerCase(), type };
};

const rcodes: Record<string, number> = { NXDOMAIN: 3, SERVFAIL: 2, REFUSED: 5 };

const reply = (
  query: Buffer,
  { name, type }: { name: string; type: string },
  answer: Exclude<DoubleAnswer, "SILENCE">,
): Buffer => {
  if (answer === "GARBAGE")
    return Buffer.concat([query.subarray(0, 2), Buffer.from("not a reply")]);
  const records = typeof answer === "string" ? [] : answer;
  const rcode = typeof answer === "string" ? (rcodes[answer] ?? 0) : 0;
  const message = new Message();
  message.add(query[0]!, query[1]!, answer === "TRUNCATED" ? 0x87 : 0x85);
  message.add(0x80 | rcode, 0, 1, ...word(records.length), 0, 0, 0, 0);
  message.name(name).add(...word(codes[type] ?? 255), 0, 1);
  for (const record of records) message.record(name, record);
  return Buffer.from(message.bytes);
};

/**
 * A name server on a free port of 127.0.0.1 that says what a test tells it to, faults included, written from RFC 1035
 * and RFC 2782. Names it knows nothing of do not exist; other types of a name it knows have no data. UDP alone: a
 * truncated answer has no whole one.
 */
export const startDnsDouble = async (): Promise<DnsDouble> => {
  const socket = createSocket("udp4");
  const answers = new Map<string, DoubleAnswer>();
  const questions: string[] = [];
  socket.on("message", (query: Buffer, from: RemoteInfo) => {
    const question = questionOf(query);
    const { name, type } = question;
    questions.push(`${type} ${name}`);
    const isKnown = [...answers.keys()].some((key) => key.endsWith(` ${name}`));
    const answer =
      answers.get(`${type} ${name}`) ?? (isKnown ? [] : "NXDOMAIN");
    if (answer !== "SILENCE")
      socket.send(reply(query, question, answer), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    server: `127.0.0.1:${socket.address().port}`,
    questions,
    answer: (type, name, answer) => void answers.set(`${type} ${name}`, answer),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => socket.close(() => resolve())),
  };
};
