import type { Operation } from "./operation.ts";
import { isPlainTake } from "./takes.ts";

/** A script holds up everybody else for as long as it runs: some 2 ms for so many of one policy. */
const mostOperations = 200;
/** Few enough that Redis works on some while others are on their way: more are cheaper each, and yet slower together. */
export const mostTogether = 16;
/** Numbers of state that one call may read and write: logs of many units have as many. */
const mostNumbers = 20_000;

interface Member {
  readonly operation: Operation;
}

/** What goes out in one call. */
export interface Group<T extends Member> {
  readonly members: readonly T[];
  /** Whether all are takes of one policy that can be carried out in the short way. */
  readonly areTakes: boolean;
}

/**
 * Divides what is asked for in one turn into calls: takes of one policy together, the rest as it comes. Whatever touches a
 * subject stays in order, since all of a group of states, whichever limiters ask for it, is in one kind of call only.
 */
export function* groupsOf<T extends Member>(
  members: readonly T[],
  byTag: boolean,
): Iterable<Group<T>> {
  for (const near of byTag ? groupsByTag(members) : [members]) {
    const { takes, others } = divide(near);
    for (const group of takes)
      for (const part of parts(group, mostTogether))
        yield { members: part, areTakes: true };
    for (const part of parts(others, mostOperations))
      yield { members: part, areTakes: false };
  }
}

const groupsByTag = <T extends Member>(
  members: readonly T[],
): Iterable<readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const member of members) addTo(groups, member.operation.tag, member);
  return groups.values();
};

const divide = <T extends Member>(
  members: readonly T[],
): {
  readonly takes: Iterable<readonly T[]>;
  readonly others: readonly T[];
} => {
  const takes = new Map<string, T[]>();
  let others: T[] = [];
  for (const member of members) {
    const [part] = member.operation.parts;
    if (part !== undefined && isPlainTake(member.operation))
      addTo(takes, part.states, member);
    else others.push(member);
  }
  const isElse = others.some(({ operation }) =>
    operation.parts.some(({ states }) => takes.has(states)),
  );
  if (isElse) {
    takes.clear();
    others = [...members];
  }
  return { takes: takes.values(), others };
};

const addTo = <K, T>(groups: Map<K, T[]>, key: K, member: T): void => {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [member]);
  else group.push(member);
};

/** Cuts a group into parts that are short enough. */
function* parts<T extends Member>(
  group: readonly T[],
  most: number,
): Iterable<readonly T[]> {
  let first = 0;
  let numbers = 0;
  for (const [index, { operation }] of group.entries()) {
    let more = 0;
    for (const { policy } of operation.parts) more += policy.width;
    const isFull = index - first >= most;
    if (index > first && (isFull || numbers + more > mostNumbers)) {
      yield group.slice(first, index);
      first = index;
      numbers = 0;
    }
    numbers += more;
  }
  if (first < group.length) yield group.slice(first);
}
