import type { ResolvedConfig } from "./resolved.ts";

/** Names by what became of them. */
export interface NameDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What applying a configuration changes. What is in none of the lists goes on as it was, with its state. */
export interface ConfigDiff {
  readonly services: NameDiff;
  readonly routes: NameDiff;
  /** Top-level keys other than `services` and `routes` whose values differ. */
  readonly settings: readonly string[];
}

/** What differs between two resolved configurations. */
export const diffConfigs = (
  before: ResolvedConfig,
  after: ResolvedConfig,
): ConfigDiff => ({
  services: diffNames(before.services, after.services),
  routes: diffNames(routesByName(before), routesByName(after)),
  settings: Object.entries(settings)
    .filter(([, read]) => !same(read(before), read(after)))
    .map(([name]) => name),
});

const settings: Record<string, (config: ResolvedConfig) => unknown> = {
  trust: (config) => config.trust,
  auth: (config) => [...config.auth],
  clients: (config) => config.clients,
  drain: (config) => config.drain,
  log: (config) => config.log,
};

const routesByName = (config: ResolvedConfig): ReadonlyMap<string, unknown> =>
  new Map(
    // The place in the file decides ties between routes, not what a route does.
    config.routes.map((route) => [route.name, { ...route, index: 0 }]),
  );

const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

const diffNames = (
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): NameDiff => ({
  added: [...after.keys()].filter((name) => !before.has(name)),
  removed: [...before.keys()].filter((name) => !after.has(name)),
  changed: [...after].flatMap(([name, value]) =>
    before.has(name) && !same(before.get(name), value) ? [name] : [],
  ),
});
