import type { Instance } from "../src/instance.ts";
import { patchInstance, resolveSpec } from "../src/instance-spec.ts";
import type { Registration, RegistrationSpec } from "../src/registration.ts";
import type { Registry } from "../src/registry.ts";

/** Where an outside writer keeps instances. */
export interface WrittenPlace {
  write(instance: Instance): void;
  remove(instance: Instance): void;
}

/** The `register` of the suite for registries that only read: somebody who writes what they read. */
export const outsideWriter =
  (place: WrittenPlace) =>
  (_registry: Registry, spec: RegistrationSpec): Promise<Registration> => {
    let { instance } = resolveSpec(spec);
    let open = true;
    place.write(instance);
    const rewrite = (next: Instance): Promise<void> => {
      place.write((instance = next));
      return Promise.resolve();
    };
    const close = (): Promise<void> => {
      if (open) place.remove(instance);
      open = false;
      return Promise.resolve();
    };
    return Promise.resolve({
      get instance() {
        return instance;
      },
      status: "active",
      grantedTtlMs: Infinity,
      update: (patch) => rewrite(patchInstance(instance, patch)),
      setState: (state) => rewrite({ ...instance, state }),
      on: () => () => undefined,
      close,
      [Symbol.asyncDispose]: close,
    });
  };
