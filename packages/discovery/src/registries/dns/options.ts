import { Resolver } from "node:dns/promises";
import {
  InvalidOptionError,
  requireDuration,
  requireInteger,
  requireOneOf,
  requireText,
  systemClock,
  systemRandom,
  type Clock,
  type Duration,
  type Random,
} from "@dp/core";
import type { RegistryOptions } from "../../remote/registry-options.ts";

export interface DnsRegistryOptions extends RegistryOptions {
  /** Name servers to ask, each `address` or `address:port`. @defaultValue those of the system */
  readonly servers?: readonly string[] | undefined;
  /**
   * `SRV` for records that name hosts, ports, priorities and weights; `A` for the addresses of a name, A and AAAA
   * alike, all on one port.
   * @defaultValue "SRV"
   */
  readonly type?: "SRV" | "A" | undefined;
  /** From one answer to the next question, up to a fifth earlier by chance; at least 1 ms. @defaultValue 10s */
  readonly interval?: Duration | undefined;
  /** How long all name servers together may take, at least 1 ms. @defaultValue 2s */
  readonly timeout?: Duration | undefined;
  /** Of every address, for type `A`: addresses have none. @defaultValue 80 */
  readonly port?: number | undefined;
}

export interface ResolvedDnsOptions {
  readonly servers: readonly string[] | undefined;
  readonly type: "SRV" | "A";
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly port: number;
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onError: ((error: Error) => void) | undefined;
}

const requireServers = (servers: readonly string[]): readonly string[] => {
  try {
    new Resolver().setServers(servers);
    if (servers.length > 0) return [...servers];
  } catch {
    // Said below.
  }
  throw new InvalidOptionError(
    "servers",
    servers.length === 0 ? servers : servers.join(", "),
    "at least one IP address, each with or without :port",
  );
};

/** Throws `InvalidOptionError` for a bad value. */
export const resolveDnsOptions = (
  options: DnsRegistryOptions,
): ResolvedDnsOptions => ({
  servers: options.servers && requireServers(options.servers),
  type: requireOneOf("type", options.type ?? "SRV", ["SRV", "A"]),
  intervalMs: requireDuration("interval", options.interval ?? "10s", 1),
  timeoutMs: requireDuration("timeout", options.timeout ?? "2s", 1),
  port: requireInteger("port", options.port ?? 80, 1, 65_535),
  name: requireText("name", options.name ?? "dns"),
  clock: options.clock ?? systemClock,
  random: options.random ?? systemRandom,
  onError: options.onError,
});
