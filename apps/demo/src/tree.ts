import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild, type Child } from "./child.ts";

/** The services of the demo and how many instances of each it starts with. */
export const services = { catalog: 2, orders: 1, payments: 2 } as const;
export type ServiceName = keyof typeof services;

export interface GatewayPorts {
  readonly http: number;
  readonly admin: number;
  readonly registry: number;
}

/** One running instance of a service. */
export interface ServiceProcess extends Child<{
  readonly port: number;
  readonly instance: string;
}> {
  readonly service: ServiceName;
}

/** The gateway's process, the services' processes, the folder of their files, and nothing else. */
export interface Tree {
  readonly gateway: Child<GatewayPorts>;
  /** The folder of the services' files. */
  readonly data: string;
  /** The words of the command line that make an instance one of this tree. */
  readonly words: readonly string[];
  /** Those that run, by port; one that ends leaves the list. */
  readonly instances: readonly ServiceProcess[];
  of(service: ServiceName): readonly ServiceProcess[];
  /** One more instance, on a free port unless told. */
  start(service: ServiceName, port?: number): Promise<ServiceProcess>;
  /** Drains the gateway, then the services; kills what has not ended within ten seconds. The files are gone then. */
  stop(): Promise<void>;
}

const stopLimitMs = 10_000;

/** Starts the gateway on `ports` (0 takes a free one). No instance runs yet. */
export const startTree = async (
  ports: GatewayPorts = { http: 0, admin: 0, registry: 0 },
): Promise<Tree> => {
  const gateway = await startChild<GatewayPorts>(
    "./gateway-process.ts",
    Object.entries(ports).flatMap(([name, port]) => [`--${name}`, `${port}`]),
  );
  const data = await mkdtemp(join(tmpdir(), "dp-demo-"));
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  const words = [
    ...["--registry", at(gateway.ready.registry)],
    ...["--gateway", at(gateway.ready.http)],
    ...["--data", data],
  ];
  const instances: ServiceProcess[] = [];

  const start = async (
    service: ServiceName,
    port = 0,
  ): Promise<ServiceProcess> => {
    const child = await startChild<ServiceProcess["ready"]>(
      `./services/${service}.ts`,
      ["--port", `${port}`, ...words],
    );
    const started: ServiceProcess = { ...child, service };
    instances.push(started);
    instances.sort((a, b) => a.ready.port - b.ready.port);
    void started.ended.then(() => {
      instances.splice(instances.indexOf(started), 1);
    });
    return started;
  };

  return {
    gateway,
    data,
    words,
    instances,
    of: (service) => instances.filter((each) => each.service === service),
    start,
    stop: async () => {
      await endWithin(gateway);
      await Promise.all([...instances].map(endWithin));
      await rm(data, { recursive: true, force: true });
    },
  };
};

/** Starts the gateway and every service of the demo, the services on `firstPorts` and up if given. */
export const startWholeTree = async (
  ports?: GatewayPorts,
  portOf: (service: ServiceName, index: number) => Promise<number> = () =>
    Promise.resolve(0),
): Promise<Tree> => {
  const tree = await startTree(ports);
  const starts = Object.entries(services).flatMap(([name, count]) =>
    Array.from({ length: count }, async (_, index) => {
      const service = name as ServiceName;
      await tree.start(service, await portOf(service, index));
    }),
  );
  const ends = await Promise.allSettled(starts);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed === undefined) return tree;
  await tree.stop();
  throw failed.reason;
};

const endWithin = async (child: Child<unknown>): Promise<void> => {
  const limit = setTimeout(() => void child.end("SIGKILL"), stopLimitMs);
  await child.end("SIGTERM");
  clearTimeout(limit);
};
