import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireNumber,
  requireText,
} from "@dp/core";
import type { Instance } from "./instance.ts";
import type { InstancePatch, RegistrationSpec } from "./registration.ts";
import { requireWellFormed } from "./well-formed.ts";

/** Long enough for a pause of the event loop of a few seconds, short enough to notice a dead process soon. */
const defaultTtlMs = 10_000;

const requireName = (option: string, value: unknown): string =>
  requireWellFormed(option, requireText(option, value));

/** So that no sum, product or ratio of weights is too great or too small to count with. */
const leastWeight = 1e-9;
const greatestWeight = 1e9;

const requireWeight = (value: unknown): number =>
  requireNumber("weight", value, leastWeight, greatestWeight);

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

/**
 * The first version of the instance a spec asks for, and its ttl. Throws `InvalidOptionError` for a bad value.
 * `takeMetadata` is {@link freezeMetadata} for a spec that is not a caller's: a copy takes longer than all the rest.
 */
export const resolveSpec = <M>(
  spec: RegistrationSpec<M>,
  takeMetadata: (metadata: M) => M = copyMetadata,
): { instance: Instance<M>; ttlMs: number } => {
  const service = requireName("service", spec.service);
  const host = requireName("host", spec.host);
  const port = requireInteger("port", spec.port, 1, 65_535);
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    instance: {
      service,
      id: spec.id === undefined ? address : requireName("id", spec.id),
      host,
      port,
      weight: requireWeight(spec.weight ?? 1),
      priority: requireInteger("priority", spec.priority ?? 0),
      ...(spec.zone !== undefined && { zone: requireText("zone", spec.zone) }),
      state: "serving",
      revision: 0n,
      metadata: takeMetadata(spec.metadata ?? ({} as M)),
    },
    ttlMs: requireDuration("ttl", spec.ttl ?? defaultTtlMs, 1),
  };
};

/** The instance with the patch's given values in place. Throws `InvalidOptionError` for a bad value. */
export const patchInstance = <M>(
  instance: Instance<M>,
  patch: InstancePatch<M>,
): Instance<M> => ({
  ...instance,
  ...(patch.weight !== undefined && { weight: requireWeight(patch.weight) }),
  ...(patch.priority !== undefined && {
    priority: requireInteger("priority", patch.priority),
  }),
  ...(patch.zone !== undefined && { zone: requireText("zone", patch.zone) }),
  ...(patch.metadata !== undefined && {
    metadata: copyMetadata(patch.metadata),
  }),
});
