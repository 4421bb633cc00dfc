import { requireDuration, requireInteger, requireText } from "@dp/core";
import type { Instance } from "./instance.ts";
import { copyMetadata } from "./instance-metadata.ts";
import type { InstancePatch, RegistrationSpec } from "./registration.ts";
import { requireWeight } from "./weight.ts";
import { requireWellFormed } from "./well-formed.ts";

/** Long enough for a pause of the event loop of a few seconds, short enough to notice a dead process soon. */
const defaultTtlMs = 10_000;

const requireName = (option: string, value: unknown): string =>
  requireWellFormed(option, requireText(option, value));

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
