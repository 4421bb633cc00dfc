/** What the gateway's admin pages tell, as far as the demo asks. */
export interface Admin {
  /** Where each instance of a service stands, by its port. */
  standings(service: string): Promise<ReadonlyMap<number, string>>;
  breakerState(service: string): Promise<string>;
  metrics(): Promise<string>;
}

interface ServicePage {
  readonly name: string;
  readonly instances: readonly { port: number; standing: string }[];
}
interface BreakerPage {
  readonly name: string;
  readonly state: string;
}

/** Reads the admin pages of the gateway on this port. */
export const adminOf = (port: number): Admin => {
  const page = async (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      signal: AbortSignal.timeout(5_000),
    });
  return {
    standings: async (service) => {
      const pages = (await (await page("/services")).json()) as ServicePage[];
      const found = pages.find(({ name }) => name === service);
      return new Map(
        found?.instances.map(({ port, standing }) => [port, standing]),
      );
    },
    breakerState: async (service) => {
      const pages = (await (await page("/breakers")).json()) as BreakerPage[];
      return pages.find(({ name }) => name === service)?.state ?? "none";
    },
    metrics: async () => (await page("/metrics")).text(),
  };
};
