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

const badMetadata = (value: unknown): InvalidOptionError =>
  new InvalidOptionError(
    "metadata",
    value,
    `something structuredClone can copy, of at most ${mostDepth} levels`,
  );

/** Plain objects and arrays, all the way down: what readers share, none may alter. */
const freeze = (value: unknown, depth: number = 0): void => {
  if (typeof value !== "object" || value === null) return;
  if (depth > mostDepth) throw new RangeError("nested too deep");
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return;
  if (Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part, depth + 1);
};

/**
 * The value itself, frozen: for what nobody else holds, as JSON that was just read. Throws `InvalidOptionError` for what
 * is nested 100 levels deep.
 */
export const freezeMetadata = <M>(value: M): M => {
  try {
    freeze(value);
    return value;
  } catch {
    throw badMetadata(value);
  }
};

/** A frozen copy. Throws `InvalidOptionError` for what `structuredClone` cannot copy, or nested 100 levels deep. */
export const copyMetadata = <M>(value: M): M => {
  let copy: M;
  try {
    copy = structuredClone(value);
  } catch {
    throw badMetadata(value);
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
