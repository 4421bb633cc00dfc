import type { Chaos } from "./services/chaos.ts";
import type { ServiceProcess } from "./tree.ts";

/** What `GET /_stats` of an instance tells. */
export interface InstanceStats {
  /** Requests that reached the service itself, not its health check or controls. */
  readonly calls: number;
  readonly inFlight: number;
}

const ask = async (
  { ready: { port } }: ServiceProcess,
  path: string,
  body?: object,
): Promise<unknown> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
};

/** Turns the switches of an instance, past the gateway. */
export const setChaos = async (
  instance: ServiceProcess,
  chaos: Partial<Chaos>,
): Promise<void> => {
  await ask(instance, "/_chaos", chaos);
};

/** Reads the counters of an instance, past the gateway. */
export const statsOf = async (
  instance: ServiceProcess,
): Promise<InstanceStats> => (await ask(instance, "/_stats")) as InstanceStats;

/** The sum of the calls that reached these instances. */
export const callsOf = async (
  instances: readonly ServiceProcess[],
): Promise<number> => {
  const stats = await Promise.all(instances.map((each) => statsOf(each)));
  return stats.reduce((sum, { calls }) => sum + calls, 0);
};
