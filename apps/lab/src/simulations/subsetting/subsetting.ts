import { seededRandom } from "@dp/core";
import {
  aperture,
  discover,
  memoryRegistry,
  subset,
  weightedRoundRobin,
  type Subset,
} from "@dp/discovery";
import { Timeline } from "../timeline.ts";

/** How many instances each client uses. */
export const size = 5;

/** What is compared. */
export const ways = {
  subset: (client, clients, seed) =>
    subset({ size, seed: `${seed} client ${client} of ${clients}` }),
  aperture: (client, clients) => aperture({ size, id: client, of: clients }),
} as const satisfies Record<
  string,
  (client: number, clients: number, seed: number) => Subset
>;

export type WayName = keyof typeof ways;

export const wayNames = Object.keys(ways) as readonly WayName[];

/** Each client sends as many, in turns by weight: enough for the shares at the edge of a slice. */
const requestsPerClient = 200;

export interface SubsettingFigures {
  /** How many clients use each instance. */
  readonly users: readonly number[];
  /** Requests that each instance got, as a multiple of the average. */
  readonly loads: readonly number[];
  /** When one instance leaves: what clients then use that they did not, for each client. */
  readonly opened: number;
}

/** Clients that each use a part of the instances; then one instance leaves. */
export const subsetting = async (
  name: WayName,
  clients: number,
  instances: number,
  seed = 1,
): Promise<SubsettingFigures> => {
  const clock = new Timeline();
  const random = seededRandom(seed);
  const registry = memoryRegistry({ clock, random });
  const registrations = [];
  for (let index = 0; index < instances; index++)
    registrations.push(
      await registry.register({
        service: "parted",
        id: String(index),
        host: "127.0.0.1",
        port: 1 + index,
        ttl: Infinity,
      }),
    );
  const views = Array.from({ length: clients }, (_, client) =>
    discover(registry, "parted", {
      clock,
      random,
      balancer: weightedRoundRobin({ clock, random }),
      subset: ways[name](client, clients, seed),
    }),
  );
  for (const view of views) await view.ready();

  const users = new Array<number>(instances).fill(0);
  const loads = new Array<number>(instances).fill(0);
  const average = (clients * requestsPerClient) / instances;
  /** What each client uses now; counts its requests. */
  const send = (): readonly ReadonlySet<string>[] =>
    views.map((view) => {
      const used = new Set<string>();
      for (let sent = 0; sent < requestsPerClient; sent++) {
        using lease = view.pick();
        used.add(lease.instance.id);
        const index = Number(lease.instance.id);
        loads[index] = (loads[index] ?? 0) + 1 / average;
      }
      return used;
    });
  const before = send();
  for (const used of before)
    for (const id of used) users[Number(id)] = (users[Number(id)] ?? 0) + 1;
  const loadsBefore = [...loads];

  await registrations[Math.floor(instances / 2)]?.close();
  await clock.runAsync(0);
  let opened = 0;
  for (const [client, used] of send().entries())
    for (const id of used) if (before[client]?.has(id) !== true) opened++;
  for (const view of views) await view[Symbol.asyncDispose]();
  return { users, loads: loadsBefore, opened: opened / clients };
};
