import { ManualClock } from "@dp/core/testing";
import {
  createGateway,
  type Gateway,
  type GatewayConfig,
  type ServiceConfig,
} from "../../../src/index.ts";
import { RawClient } from "./raw-client.ts";
import { ScriptedUpstream } from "./scripted-upstream.ts";

/** A gateway in this process before one scripted upstream. Its clock stands still until the test moves it. */
export class Rig implements AsyncDisposable {
  readonly gateway: Gateway;
  readonly upstream: ScriptedUpstream;
  readonly clock: ManualClock;
  readonly port: number;
  /** The access log. */
  readonly log: Record<string, unknown>[];
  readonly #clients: RawClient[] = [];

  constructor(
    gateway: Gateway,
    upstream: ScriptedUpstream,
    clock: ManualClock,
    port: number,
    log: Record<string, unknown>[],
  ) {
    this.gateway = gateway;
    this.upstream = upstream;
    this.clock = clock;
    this.port = port;
    this.log = log;
  }

  client(): RawClient {
    const client = new RawClient(this.port);
    this.#clients.push(client);
    return client;
  }

  /** The sum over all samples of a metric. */
  metric(name: string): number {
    let sum = 0;
    for (const family of this.gateway.metrics())
      if (family.name === name)
        for (const sample of family.samples) sum += sample.value;
    return sum;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    this.upstream.close();
    const state = { closed: false };
    const closing = this.gateway.close().finally(() => (state.closed = true));
    while (!state.closed) {
      await this.clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closing;
  }
}

/** A service that goes on whatever its instance does. */
export const steadfast = (port: number): ServiceConfig => ({
  targets: [`http://127.0.0.1:${port}`],
  breaker: false,
  eject: false,
});

/** A route `/**` to one scripted upstream, without retries; `config` comes on top. */
export const createRig = async (
  config: (port: number) => Partial<GatewayConfig> = () => ({}),
): Promise<Rig> => {
  const upstream = new ScriptedUpstream();
  await upstream.listen();
  const clock = new ManualClock();
  const log: Record<string, unknown>[] = [];
  const gateway = await createGateway(
    {
      listen: { http: "127.0.0.1:0" },
      services: { a: steadfast(upstream.port) },
      defaults: { retry: { attempts: 1, on: ["connect"] } },
      routes: [{ path: "/**", to: "a" }],
      ...config(upstream.port),
    },
    {
      clock,
      log: (line) => log.push(JSON.parse(line) as Record<string, unknown>),
    },
  );
  const { http } = await gateway.listen();
  return new Rig(gateway, upstream, clock, http!.port, log);
};
