import { requireInteger, requireNumber, requireText } from "@dp/core";

export interface ZoneAwareOptions {
  /** The zone this client is in, as instances name theirs. */
  readonly zone: string;
  /** The zone is preferred only while at least as many of its instances can be picked; at least 1. @defaultValue 1 */
  readonly minimum?: number | undefined;
  /**
   * The share of all requests to the service that begins in this zone, above 0 up to 1. When given, the zone's
   * instances get no more than their part of the capacity carries, and the rest goes to the other zones.
   * @defaultValue unknown: the zone keeps what its health carries
   */
  readonly share?: number | undefined;
}

/** Where the client is and what of its traffic stays there. A description: views may share it. */
export interface ZoneAware {
  readonly zone: string;
  readonly minimum: number;
  /** 0: unknown, which limits nothing. */
  readonly share: number;
}

/**
 * Keeps requests in the client's own zone as far as its instances can carry them, within each priority.
 *
 * The own zone gets min(1, 1.4 * healthy / judged) of the traffic, the others the rest by weight; with `share` no more
 * than (its part of the weight) / share, which keeps zones of unequal size evenly loaded when every client says the
 * same. It is not preferred at all while fewer than the panic threshold of its instances are healthy, or fewer than
 * `minimum` can be picked, and in a panic of the priority. A pick that excludes all of the zone goes to the others.
 *
 * Source: Envoy's zone aware routing, without the knowledge of where the other clients are.
 */
export const zoneAware = (options: ZoneAwareOptions): ZoneAware => ({
  zone: requireText("zone", options.zone),
  minimum: requireInteger("minimum", options.minimum ?? 1, 1),
  share:
    options.share === undefined
      ? 0
      : requireNumber("share", options.share, Number.MIN_VALUE, 1),
});
