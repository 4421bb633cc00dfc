import { parseArgs } from "node:util";
import { memoryRegistry } from "@dp/discovery";
import { createGateway } from "@dp/gateway";
import { gatewayConfig } from "./gateway-config.ts";
import { listenOnLoopback } from "./listen.ts";
import { createRegistryFront } from "./registry-front.ts";
import { obeySignals } from "./signals.ts";

// The process of the gateway: `--http`, `--admin` and `--registry` are ports on loopback, free ones by default. The
// registry lives here too, behind a front for the services' processes. SIGTERM drains and exits 0.

const { values } = parseArgs({
  options: {
    http: { type: "string", default: "0" },
    admin: { type: "string", default: "0" },
    registry: { type: "string", default: "0" },
  },
});

const registry = memoryRegistry();
const front = createRegistryFront(registry);
const gateway = await createGateway(
  gatewayConfig({ http: Number(values.http), admin: Number(values.admin) }),
  { registry },
);
const ports = {
  registry: await listenOnLoopback(front, Number(values.registry)),
  ...(await gateway.listen()),
};

obeySignals(() => gateway.drain());
const ready = {
  http: ports.http?.port,
  admin: ports.admin?.port,
  registry: ports.registry,
};
if (process.send === undefined) console.log(ready);
else process.send(ready);
