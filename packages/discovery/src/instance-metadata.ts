import { InvalidOptionError } from "@dp/core";

/**
 * How deep metadata may be nested. Whoever compares, writes or copies it goes down as deep on the stack, so that one
 * record of a stranger, a few kilobytes of brackets, would end every watch that reads it.
 */
const mostDepth = 100;

const isPlain = (value: unknown): value is object => {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype;
};

/** Counts the levels of what is frozen already, each part once; a part that holds itself adds none to itself. */
class FrozenLevels {
  #levels: Map<object, number> | undefined;

  /** Throws for more levels than there is room for. */
  of(value: unknown, room: number): number {
    if (!isPlain(value)) return 0;
    const levels = (this.#levels ??= new Map<object, number>());
    const known = levels.get(value);
    if ((known ?? 1) > room) throw new RangeError("too many levels");
    if (known !== undefined) return known;
    levels.set(value, 0);
    Object.freeze(value);
    let below = 0;
    for (const part of Object.values(value))
      below = Math.max(below, this.of(part, room - 1));
    levels.set(value, below + 1);
    return below + 1;
  }
}

/**
 * Plain objects and arrays, all the way down: what readers share, none may alter. Throws for more levels than there is
 * room for.
 */
const freeze = (value: unknown, room: number, frozen: FrozenLevels): void => {
  if (!isPlain(value)) return;
  if (room === 0) throw new RangeError("too many levels");
  // Mostly nothing is: a note of every part would take several times as long.
  if (Object.isFrozen(value)) {
    frozen.of(value, room);
    return;
  }
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part, room - 1, frozen);
};

/**
 * The value itself, frozen: for what nobody else holds, as JSON that was just read. Throws `InvalidOptionError` for more
 * than 100 levels.
 */
export const freezeMetadata = <M>(value: M): M => {
  try {
    freeze(value, mostDepth, new FrozenLevels());
    return value;
  } catch {
    throw new InvalidOptionError(
      "metadata",
      value,
      `of at most ${mostDepth} levels`,
    );
  }
};

/** A frozen copy. Throws `InvalidOptionError` for what `structuredClone` cannot copy, and for more than 100 levels. */
export const copyMetadata = <M>(value: M): M => {
  let copy: M;
  try {
    copy = structuredClone(value);
  } catch {
    throw new InvalidOptionError(
      "metadata",
      value,
      "something structuredClone can copy",
    );
  }
  return freezeMetadata(copy);
};
