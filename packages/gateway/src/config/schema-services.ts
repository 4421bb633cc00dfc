import { defaultValues } from "./default-values.ts";
import {
  choiceSchema,
  described,
  integerSchema,
  listSchema,
  mapSchema,
  objectSchema,
  textSchema,
  type Schema,
} from "./json-schema.ts";
import {
  durationSchema,
  fieldNameSchema,
  nameSchema,
  percentSchema,
} from "./schema-scalars.ts";
import type {
  ApiKeyConfig,
  AuthConfig,
  BreakerConfig,
  ConnectionsConfig,
  EjectConfig,
  GatewayConfig,
  HealthConfig,
  ServiceConfig,
} from "./types.ts";

const targetSchema = textSchema("a URL like http://127.0.0.1:3001");

const health = objectSchema<HealthConfig>(
  "Active checks of every instance; none without this.",
  {
    path: textSchema(
      "a path that starts with /, like /healthz",
      '^/[!-"$-~]*$',
    ),
    interval: described(
      durationSchema,
      "From one check to the next.",
      defaultValues.health.interval,
    ),
    timeout: described(
      durationSchema,
      "A check that takes longer is a bad answer.",
      defaultValues.health.timeout,
    ),
    rise: described(
      integerSchema(1),
      "Good answers in a row that readmit an instance.",
      defaultValues.health.rise,
    ),
    fall: described(
      integerSchema(1),
      "Bad answers in a row that take it out.",
      defaultValues.health.fall,
    ),
  },
  { path: true },
);

const eject = objectSchema<EjectConfig>(
  "Takes out an instance that keeps failing; false turns it off.",
  {
    consecutive: described(
      integerSchema(1),
      "Failed attempts in a row.",
      defaultValues.eject.consecutive,
    ),
    for: described(
      durationSchema,
      "How long the first ejection lasts.",
      defaultValues.eject.for,
    ),
    maxShare: described(
      percentSchema,
      "Share of the instances that may be out at once.",
      defaultValues.eject.maxShare,
    ),
  },
  {},
);

const breaker = objectSchema<BreakerConfig>(
  "Stops calling a service most of whose attempts fail; false turns it off.",
  {
    failureRate: described(
      percentSchema,
      "Opens at this share of failed attempts in the window.",
      defaultValues.breaker.failureRate,
    ),
    window: described(
      durationSchema,
      "How far back attempts count.",
      defaultValues.breaker.window,
    ),
    minimum: described(
      integerSchema(1),
      "Attempts in the window before the share counts.",
      defaultValues.breaker.minimum,
    ),
    openFor: described(
      durationSchema,
      "How long every request is refused before probes are let through.",
      defaultValues.breaker.openFor,
    ),
    probes: described(
      integerSchema(1),
      "Attempts let through at once after that; all must pass.",
      defaultValues.breaker.probes,
    ),
  },
  {},
);

const orSwitch = <T>(schema: Schema<T>): Schema<T | boolean> => ({
  ...schema,
  title: "an object, true or false",
  type: ["object", "boolean"],
  default: true,
});

const service = objectSchema<ServiceConfig>(
  "One service: its instances and how they are called.",
  {
    targets: listSchema(
      "The instances. An empty list is legal and answers 503.",
      targetSchema,
    ),
    discover: described(
      nameSchema,
      "The service's name in the registry, in place of targets.",
    ),
    balance: described(
      choiceSchema(["power-of-two", "round-robin", "random", "least-request"]),
      "How an instance is picked.",
      defaultValues.balance,
    ),
    health,
    eject: orSwitch(eject),
    breaker: orSwitch(breaker),
    connections: objectSchema<ConnectionsConfig>(
      "Connections to one instance.",
      {
        max: described(
          integerSchema(1, 65_535),
          "Open at once.",
          defaultValues.connections.max,
        ),
        idle: described(
          durationSchema,
          "An unused one is closed after this.",
          defaultValues.connections.idle,
        ),
      },
      {},
    ),
  },
  {},
);

export const servicesSchema: Schema<NonNullable<GatewayConfig["services"]>> =
  mapSchema("By name: the services routes lead to.", nameSchema, {
    ...service,
    title: "a list of URLs or an object",
    type: ["array", "object"],
    items: targetSchema,
  });

const apiKey = objectSchema<ApiKeyConfig>(
  "Clients send a key in a header; the gateway knows only digests.",
  {
    header: described(
      fieldNameSchema,
      "The header that carries the key.",
      defaultValues.apiKeyHeader,
    ),
    keys: listSchema(
      "The keys that are accepted.",
      objectSchema<ApiKeyConfig["keys"][number]>(
        "One client's key.",
        {
          id: textSchema(
            "1 to 128 visible ASCII characters without blanks",
            "^[!-~]{1,128}$",
          ),
          sha256: {
            ...textSchema(
              "the SHA-256 of the UTF-8 key as 64 hex digits",
              "^[0-9a-fA-F]{64}$",
            ),
            writeOnly: true,
          },
        },
        { id: true, sha256: true },
      ),
      1,
    ),
  },
  { keys: true },
);

export const authSchema: Schema<NonNullable<GatewayConfig["auth"]>> = mapSchema(
  "By name: the ways a client can prove who it is.",
  nameSchema,
  objectSchema<AuthConfig>(
    "One way to prove it.",
    {
      apiKey,
      forward: mapSchema(
        "Headers set on the forwarded request: name to what they carry. Clients cannot send them on any route.",
        fieldNameSchema,
        choiceSchema(["id"]),
      ),
    },
    { apiKey: true },
  ),
);
