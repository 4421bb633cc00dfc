import { DpError } from "@dp/core";
import type { RemovalCause } from "../../watch-event.ts";

/** One change as the log has it. */
export type LoggedChange =
  | {
      readonly op: "put";
      readonly revision: bigint;
      readonly id: string;
      readonly record: string;
    }
  | {
      readonly op: "delete";
      readonly revision: bigint;
      readonly id: string;
      readonly why: RemovalCause;
    };

/** An instance as the members have it. */
export interface StoredMember {
  readonly id: string;
  readonly revision: bigint;
  readonly record: string;
}

interface Seen {
  /** Of the last change there is. */
  readonly revision: bigint;
  /** When the next lease ends, unless renewed; `Infinity` if none will. */
  readonly dueMs: number;
}

/** What a look at a service found. */
export type Look =
  | (Seen & {
      readonly kind: "changes";
      readonly changes: readonly LoggedChange[];
    })
  | (Seen & {
      readonly kind: "state";
      readonly reason: "initial" | "compacted" | "store-reset";
      readonly members: readonly StoredMember[];
    });

/** The reply of the script of that name. */
export const readLook = (reply: unknown): Look => {
  const words = (reply as unknown[]).map(String);
  const [kind, revision = "", due = ""] = words;
  const seen = {
    revision: BigInt(revision),
    dueMs: due === "-1" ? Infinity : Number(due),
  };
  if (kind === "changes")
    return { ...seen, kind, changes: inGroups(words.slice(3), 4, readChange) };
  if (kind === "state") {
    const reason = words[3] as "initial" | "compacted" | "store-reset";
    const members = inGroups(words.slice(4), 2, readMember);
    return { ...seen, kind, reason, members };
  }
  throw new DpError("DP_BAD_REPLY", `Redis answered a look with ${kind}`);
};

const inGroups = <T>(
  words: readonly string[],
  size: number,
  read: (group: readonly string[]) => T,
): T[] =>
  Array.from({ length: words.length / size }, (_, index) =>
    read(words.slice(index * size, (index + 1) * size)),
  );

const readChange = ([
  revision = "",
  op,
  id = "",
  value = "",
]: readonly string[]): LoggedChange =>
  op === "put"
    ? { op, revision: BigInt(revision), id, record: value }
    : {
        op: "delete",
        revision: BigInt(revision),
        id,
        why: value as RemovalCause,
      };

/** What somebody wrote by hand has no revision, and is no record either. */
const readMember = ([id = "", value = ""]: readonly string[]): StoredMember => {
  const match = /^\d+ \S+ \d+ (\d+) (.*)$/s.exec(value);
  return { id, revision: BigInt(match?.[1] ?? 0), record: match?.[2] ?? value };
};
