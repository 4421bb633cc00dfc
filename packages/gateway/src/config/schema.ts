import { defaultValues } from "./default-values.ts";
import {
  choiceSchema,
  described,
  flagSchema,
  listSchema,
  objectSchema,
  textSchema,
  type Schema,
} from "./json-schema.ts";
import { defaultsSchema, routesSchema } from "./schema-routes.ts";
import { delaySchema, durationSchema } from "./schema-scalars.ts";
import { authSchema, servicesSchema } from "./schema-services.ts";
import type {
  ClientsConfig,
  DrainConfig,
  GatewayConfig,
  ListenConfig,
  LogConfig,
} from "./types.ts";

const address: Schema<string | number> = {
  title: "host:port, [v6]:port or a port from 0 to 65535",
  type: ["string", "integer"],
  minimum: 0,
  maximum: 65_535,
};

/** The JSON Schema 2020-12 of the file, published as `@dp/gateway/schema.json`. */
export const gatewaySchema: Schema<GatewayConfig> = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "a gateway configuration",
  ...objectSchema<GatewayConfig>(
    "Configuration of dp-gateway.",
    {
      $schema: { type: "string", description: "Where an editor finds this." },
      listen: objectSchema<ListenConfig>(
        "Where the gateway listens.",
        {
          http: described(
            address,
            "For clients; a port alone listens on every address.",
            defaultValues.listen.http,
          ),
          admin: described(
            address,
            "For operators; a port alone listens on loopback. None unless given.",
          ),
        },
        {},
      ),
      trust: listSchema(
        "Who may set X-Forwarded-* and the request id: CIDRs or addresses; nobody unless given.",
        textSchema("a CIDR like 10.0.0.0/8 or an address"),
      ),
      registry: described(
        choiceSchema(["memory"]),
        "Where discover looks for instances.",
        "memory",
      ),
      store: described(
        choiceSchema(["memory"]),
        "Where limits are counted.",
        "memory",
      ),
      services: servicesSchema,
      auth: authSchema,
      defaults: defaultsSchema,
      routes: routesSchema,
      clients: objectSchema<ClientsConfig>(
        "What clients may take their time for.",
        {
          header: described(
            durationSchema,
            "The whole head of a request, from its first byte.",
            defaultValues.clients.header,
          ),
          write: described(
            durationSchema,
            "A client that takes no byte of a response that waits.",
            defaultValues.clients.write,
          ),
          idle: described(
            durationSchema,
            "A kept connection between two requests.",
            defaultValues.clients.idle,
          ),
        },
        {},
      ),
      drain: objectSchema<DrainConfig>(
        "How the gateway stops.",
        {
          grace: described(
            delaySchema,
            "New connections are still taken for this long while /readyz says no.",
            defaultValues.drain.grace,
          ),
          within: described(
            delaySchema,
            "What is still running after this is cut.",
            defaultValues.drain.within,
          ),
        },
        {},
      ),
      log: objectSchema<LogConfig>(
        "What is written to stdout.",
        {
          access: described(
            flagSchema,
            "One JSON line a request.",
            defaultValues.log.access,
          ),
          level: described(
            choiceSchema(["error", "warn", "info", "debug"]),
            "The least important line that is written.",
            defaultValues.log.level,
          ),
        },
        {},
      ),
      modules: listSchema(
        "ES modules that export middleware definitions, relative to the file.",
        textSchema("a path like ./my-middleware.js"),
      ),
    },
    {},
  ),
};
