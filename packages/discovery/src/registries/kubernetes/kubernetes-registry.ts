import { InvalidOptionError, type MetricSource } from "@dp/core";
import type { Instance, Metadata } from "../../instance.ts";
import type { Registry } from "../../registry.ts";
import { Failures } from "../../remote/failures.ts";
import type { Feed } from "../../remote/feed.ts";
import { Feeds } from "../../remote/feeds.ts";
import { readOnlyRegistry } from "../../remote/read-only-registry.ts";
import { ApiServer } from "./api-server.ts";
import { unionOf } from "./endpoint-slice.ts";
import {
  resolveKubernetesOptions,
  type KubernetesRegistryOptions,
} from "./options.ts";
import { SliceApi, type Selection } from "./slice-api.ts";
import { SliceFollower, stamped } from "./slice-follower.ts";

const serviceLabel = "kubernetes.io/service-name";
/** `name` or `namespace/name`, of labels as RFC 1123 has them; nothing else may get into a selector. */
const serviceName =
  /^(?:([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\/)?([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)$/;

/**
 * Finds the endpoints of Kubernetes services, by list and watch of their EndpointSlices (`discovery.k8s.io/v1`). A
 * service is `name` or `namespace/name`. Needs the verbs `list` and `watch` on `endpointslices`.
 *
 * All slices of a service are one; an endpoint that moves between them stays. Ready endpoints serve, terminating ones
 * that still serve are draining, others are not listed. The id is `address:port`; `metadata` has `name` and `uid` of
 * the pod and its `node`. A dual-stack pod is two instances. What cannot be read is told to `onError`: an endpoint is
 * left out, a slice that a watch knows stays as it was.
 *
 * Watches go on from the last version, over bookmarks and their orderly ends. A version the server no longer keeps is
 * a `sync` with reason `compacted`. Every other failure, silence included, makes the watch `stale`, is told to
 * `onError` and tried again with jittered waits for ever. `register` rejects with `DP_READ_ONLY`: pods are Kubernetes'
 * to announce. Costs one connection for each watched service. Throws `InvalidOptionError`.
 *
 * Source: Kubernetes API concepts (resource versions, watch, bookmarks, chunked lists), EndpointSlice v1.
 */
export const kubernetesRegistry = <M = Metadata>(
  options: KubernetesRegistryOptions = {},
): Registry<M> & MetricSource => {
  const resolved = resolveKubernetesOptions(options);
  const { url, credentials, namespace, port, clock, random } = resolved;
  const life = new AbortController();
  const failures = new Failures(resolved.onError);
  const server = new ApiServer(url, credentials);
  life.signal.addEventListener("abort", () => server.close(), { once: true });
  const api = new SliceApi(server, clock);

  const selectionOf = (service: string): Selection => {
    const [, given = namespace, name] = serviceName.exec(service) ?? [];
    if (name === undefined)
      throw new InvalidOptionError(
        "service",
        service,
        "name or namespace/name of a service",
      );
    return { namespace: given, labelSelector: `${serviceLabel}=${name}` };
  };
  const follower = new SliceFollower<M>({
    api,
    port,
    selectionOf,
    clock,
    random,
    failures,
  });
  const followed = new Map<string, Feed<M>>();

  const reported = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw life.signal.aborted ? error : failures.report(error);
    }
  };
  const list = async (
    service: string,
    signal: AbortSignal,
  ): Promise<Instance<M>[]> => {
    const { items } = await api.list(selectionOf(service), signal);
    const feed = followed.get(service);
    const slices = follower.read(items, service, feed);
    const { listed } = unionOf<M>(slices.values());
    const revision = (feed?.revision ?? 0n) + 1n;
    return [...stamped(feed, listed, revision).values()];
  };
  const services = async (signal: AbortSignal): Promise<string[]> => {
    const selection = { namespace, labelSelector: serviceLabel };
    const { items } = await api.list(selection, signal);
    const names = new Set<string>();
    for (const { service, endpoints } of follower.read(items, "any").values())
      if (service !== undefined && endpoints.some(({ state }) => state))
        names.add(service);
    return [...names];
  };

  return readOnlyRegistry(
    {
      kind: "kubernetes",
      name: resolved.name,
      refusal: "pods are announced by Kubernetes, once they are ready",
      push: true,
      feeds: new Feeds<M>(clock, random, (service, feed, signal) => {
        if (followed.get(service) !== feed) {
          followed.set(service, feed);
          const leave = (): void => {
            if (followed.get(service) === feed) followed.delete(service);
          };
          signal.addEventListener("abort", leave, { once: true });
        }
        return follower.follow(service, feed, signal);
      }),
      failures,
      requireName: selectionOf,
      list: (service, signal) => reported(list(service, signal)),
      services: (signal) => reported(services(signal)),
      effort: {
        metric: "dp_discovery_kubernetes_watches_total",
        help: "Watches that were started, first ones and those that go on.",
        count: () => follower.watches,
      },
    },
    life,
  );
};
