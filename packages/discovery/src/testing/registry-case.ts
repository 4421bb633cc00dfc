import type { RegistrationSpec } from "../registration.ts";
import type { Scene } from "./scene.ts";

/** Makes the process that registered an instance die without a word. */
export type Crash = (service: string, id: string) => Promise<void> | void;

/** Cases of the suite by their names. Without a `crash` those that need it pass. */
export type RegistryCases = Readonly<
  Record<string, (scene: Scene, crash: Crash | undefined) => Promise<void>>
>;

/** A spec of service `web`. */
export const web = (
  id: string,
  more: Partial<RegistrationSpec> = {},
): RegistrationSpec => ({
  service: "web",
  host: "10.0.0.1",
  port: 8080,
  id,
  ...more,
});

/** The ids the registry lists for `web`, sorted. */
export const idsOf = async (scene: Scene): Promise<string[]> =>
  (await scene.registry.list("web"))
    .map((instance) => scene.comparable(instance).id)
    .sort();
