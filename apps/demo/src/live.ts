import { setTimeout as sleep } from "node:timers/promises";
import { adminOf } from "./admin.ts";
import { startLoad } from "./load/load.ts";
import { portOrAny } from "./ports.ts";
import { createSummary } from "./summary.ts";
import {
  startWholeTree,
  type ServiceName,
  type ServiceProcess,
  type Tree,
} from "./tree.ts";

const firstPorts: Readonly<Record<ServiceName, number>> = {
  catalog: 3001,
  orders: 3011,
  payments: 3021,
};

const say = (line: string): void => console.log(line);

const start = async (): Promise<Tree> => {
  const portFor = (use: string, preferred: number): Promise<number> =>
    portOrAny(preferred, () =>
      say(`port ${preferred} is taken: ${use} takes a free one`),
    );
  const ports = {
    http: await portFor("the gateway", 8080),
    admin: await portFor("its admin", 9901),
    registry: await portFor("the registry", 9902),
  };
  return startWholeTree(ports, (service, index) =>
    portFor(service, firstPorts[service] + index),
  );
};

/** What listens where, and what to try. */
const guide = (tree: Tree): string => {
  const { http, admin, registry } = tree.gateway.ready;
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  const portsOf = (service: ServiceName): number[] =>
    tree.of(service).map(({ ready: { port } }) => port);
  const chaos = (port: number, switches: string): string =>
    `curl -d '${switches}' ${at(port)}/_chaos`;
  const order = (id: string, card: string): string =>
    JSON.stringify({ id, item: "1", count: 2, card });
  const payments = (switches: string): string =>
    portsOf("payments")
      .map((port) => chaos(port, switches))
      .join("; ");
  const instances = tree.instances.map(
    ({ ready: { instance, port } }) => `  ${at(port)}  ${instance}`,
  );
  return `
gateway   ${at(http)}
admin     ${at(admin)}  /healthz /readyz /metrics /services /breakers
registry  ${at(registry)}  /instances
${instances.join("\n")}

a request through everything   curl -i ${at(http)}/catalog/items/1
an order                       curl -i -d '${order("mine", "4242424242424242")}' ${at(http)}/orders
  and what became of it        curl -H 'accept: text/plain' ${at(http)}/orders/mine
a refused card                 curl -i -d '${order("poor", "4242424242420000")}' '${at(http)}/orders?wait=1'
  and what was undone          curl -H 'accept: text/plain' ${at(http)}/orders/poor
kill -9 before the next ships  ${chaos(portsOf("orders")[0] ?? 0, '{"crashAt":"ship"}')}
what stock and money say       curl ${at(http)}/catalog/ledger ${at(http)}/payments/ledger
over the limit                 for i in $(seq 40); do curl -so /dev/null -w '%{http_code} ' -H 'x-client: me' ${at(http)}/orders; done
crash an instance              ${chaos(portsOf("catalog")[0] ?? 0, '{"crash":true}')}
make payments slow             ${payments('{"latencyMs":3000}')}
  and the breaker opens        curl -i -d 42 ${at(http)}/payments
  and make them well           ${payments('{"latencyMs":0}')}
one catalog more               node_modules/.bin/node apps/demo/src/services/catalog.ts ${tree.words.join(" ")}
who stands where               curl ${at(admin)}/services

Ctrl-C drains and ends everything.
`;
};

/** Puts another instance in the place of one that ended by itself. */
const replace = (
  tree: Tree,
  instance: ServiceProcess,
  signal: AbortSignal,
): void => {
  const { service, ready } = instance;
  const start = async (): Promise<void> => {
    const ending = await instance.ended;
    if (signal.aborted) return;
    say(`${ready.instance} ended (${ending}), another comes in 5 s`);
    await sleep(5_000, undefined, { signal });
    replace(tree, await tree.start(service, ready.port), signal);
  };
  start().catch((error: unknown) => {
    if (!signal.aborted) say(`${service} stays away: ${String(error)}`);
  });
};

/** A little traffic, so that there is something to see. */
const trickle = (port: number): ReturnType<typeof startLoad> => {
  let count = 0;
  return startLoad({
    port,
    workers: 2,
    pauseMs: 40,
    next: () => {
      count++;
      if (count % 10 === 0)
        return { method: "POST", target: "/payments", body: "42" };
      return { target: `/catalog/items/${(count % 3) + 1}` };
    },
  });
};

/** Runs the demo until Ctrl-C or SIGTERM, or until its gateway ends; resolves to the exit code. */
export const live = async (): Promise<number> => {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const tree = await start();
  void tree.gateway.ended.then(stop);
  for (const each of tree.instances) replace(tree, each, stopping.signal);
  say(guide(tree));
  const load = trickle(tree.gateway.ready.http);
  const summary = createSummary(adminOf(tree.gateway.ready.admin));
  const aSecond = (): Promise<boolean> =>
    sleep(1_000, true, { signal: stopping.signal }).catch(() => false);
  while (await aSecond())
    say(
      await summary().catch((error: unknown) => `no summary: ${String(error)}`),
    );
  say("draining …");
  const { counts } = await load.stop();
  await tree.stop();
  const code = await tree.gateway.ended;
  say(`ended; the demo's own requests: ${load.tally.toString()}`);
  return code === 0 && counts.wrong === 0 ? 0 : 1;
};
