import {
  discover,
  memoryRegistry,
  type Balancer,
  type Candidate,
  type Lease,
  type Report,
} from "@dp/discovery";
import type { Ours } from "./balancers.ts";
import { inFlight, type Contestant, type Picker } from "./contestant.ts";
import { candidatesOf, specOf } from "./instances.ts";

export const sizes = [10, 1_000, 10_000];
const latencyMs = 1;
const success: Report = { outcome: "success", latencyMs };

/** One registry for the views of all sizes. */
const registry = memoryRegistry();

const registered = async (count: number): Promise<string> => {
  const service = `items-${count}`;
  const known = await registry.list(service);
  for (let index = known.length; index < count; index++)
    await registry.register(specOf(service, index));
  return service;
};

const sampleOf = (
  view: ReturnType<typeof discover>,
  name: string,
): number | undefined => {
  for (const family of view.metrics())
    if (family.name === name)
      for (const { value } of family.samples) return value;
  return undefined;
};

/** `view.pick()` and `lease.success()`, through a view of a registry that is kept up to date. */
export const throughView = async (
  { create, keyed }: Ours,
  size: number,
): Promise<Picker> => {
  const service = await registered(size);
  const view = discover(registry, service, { balancer: create() });
  await view.ready({ minimum: size });
  const held: Lease[] = Array.from({ length: inFlight }, () => view.pick());
  let slot = 0;
  let picks = inFlight;
  const replace = (lease: Lease): unknown => {
    held[slot]?.success(latencyMs);
    held[slot] = lease;
    slot = slot + 1 === inFlight ? 0 : slot + 1;
    picks++;
    return lease.instance;
  };
  return {
    use: keyed
      ? (key) => replace(view.pick({ key }))
      : () => replace(view.pick()),
    check() {
      const counted = sampleOf(view, "dp_discovery_picks_total");
      const open = sampleOf(view, "dp_discovery_in_flight");
      if (counted !== picks || open !== inFlight)
        throw new Error(
          `${service}: ${counted} of ${picks} picks counted, ${open} of ${inFlight} in flight`,
        );
    },
  };
};

/** `pick` and `settle` of the balancer itself, with nothing around it. */
export const alone = ({ create, keyed }: Ours, size: number): Picker => {
  const balancer: Balancer = create();
  balancer.update(candidatesOf(size));
  const taken = (candidate: Candidate | undefined): Candidate => {
    if (candidate === undefined) throw new Error("nobody picked");
    return candidate;
  };
  const held = Array.from({ length: inFlight }, () => taken(balancer.pick()));
  let slot = 0;
  const replace = (candidate: Candidate): unknown => {
    balancer.settle(held[slot] ?? candidate, success);
    held[slot] = candidate;
    slot = slot + 1 === inFlight ? 0 : slot + 1;
    return candidate;
  };
  return {
    use: keyed
      ? (key) => replace(taken(balancer.pick({ key })))
      : () => replace(taken(balancer.pick())),
  };
};

/** A balancer as its users meet it. */
export const ours = (balancer: Ours): Contestant => ({
  name: balancer.name,
  about: balancer.keyed ? "with a key" : "",
  sizes,
  create: (size) => throughView(balancer, size),
});
