import { InvalidOptionError, requireText } from "@dp/core";
import type { Balancer } from "./balancers/balancer.ts";
import { powerOfTwo } from "./balancers/power-of-two.ts";
import type { Metadata } from "./instance.ts";
import { resolveDiscoverOptions, type DiscoverOptions } from "./options.ts";
import type { Registry } from "./registry.ts";
import { sharedCache } from "./view/service-cache.ts";
import type { ServiceView } from "./view/service-view.ts";
import { TierBalancers } from "./view/tier-balancers.ts";
import { View } from "./view/view.ts";

const balancersInUse = new WeakSet<Balancer>();

/**
 * A live view of one service's instances: pick one for each request and say how it went.
 *
 * Returns at once; await `ready()` before the first pick, or be ready for `NoInstanceError` with reason `unknown`. The
 * view follows the registry until disposed, and goes on with what it last knew while the registry is out of reach.
 * Views of the same service on the same registry object share one watch. Throws `InvalidOptionError`, also for a
 * balancer that another open view uses.
 */
export const discover = <M = Metadata>(
  registry: Registry<M>,
  service: string,
  options: DiscoverOptions<NoInfer<M>> = {},
): ServiceView<M> => {
  requireText("service", service);
  const resolved = resolveDiscoverOptions(options);
  const { clock, random } = resolved;
  const fork = (): Balancer =>
    resolved.balancer?.fork?.() ?? powerOfTwo({ clock, random });
  const balancer = resolved.balancer ?? fork();
  if (balancersInUse.has(balancer))
    throw new InvalidOptionError(
      "balancer",
      balancer,
      "one that no other open view uses, since it holds state",
    );
  balancersInUse.add(balancer);
  return new View(
    service,
    sharedCache(registry, service, clock, random),
    new TierBalancers(balancer, fork, random),
    resolved,
    () => void balancersInUse.delete(balancer),
  );
};
