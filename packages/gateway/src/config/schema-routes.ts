import { defaultValues } from "./default-values.ts";
import {
  described,
  integerSchema,
  listSchema,
  mapSchema,
  objectSchema,
  textSchema,
  type Schema,
} from "./json-schema.ts";
import {
  budgetSchema,
  delaySchema,
  durationSchema,
  fieldNameSchema,
  fieldValueSchema,
  nameSchema,
  rateSchema,
  sizeSchema,
} from "./schema-scalars.ts";
import type {
  BodyConfig,
  DefaultsConfig,
  GatewayConfig,
  LimitConfig,
  LimitKey,
  RetryConfig,
  RetryReason,
  RouteConfig,
  TimeoutConfig,
  UseConfig,
} from "./types.ts";

const timeout = objectSchema<TimeoutConfig>(
  "How long things may take; a shorter outer limit holds for the inner ones too.",
  {
    total: described(
      durationSchema,
      "From the request's head to the response's end, retries included.",
      defaultValues.timeout.total,
    ),
    attempt: described(
      durationSchema,
      "One attempt, to the response's head.",
      defaultValues.timeout.attempt,
    ),
    connect: described(
      durationSchema,
      "Opening a connection to an instance.",
      defaultValues.timeout.connect,
    ),
    idle: described(
      durationSchema,
      "No byte moved in either direction.",
      defaultValues.timeout.idle,
    ),
  },
  {},
);

const retryReason: Schema<RetryReason> = {
  title: "connect, reset, timeout or a status from 400 to 599",
  type: ["string", "integer"],
  pattern: "^(connect|reset|timeout)$",
  minimum: 400,
  maximum: 599,
  examples: ["connect", "reset", "timeout", 503],
};

const retry = objectSchema<RetryConfig>(
  "When a request that may be sent twice is tried again.",
  {
    attempts: described(
      integerSchema(1, 10),
      "Total calls; 1 turns retries off.",
      defaultValues.retry.attempts,
    ),
    on: described(
      listSchema("", retryReason),
      "What is tried again.",
      defaultValues.retry.on,
    ),
    budget: described(
      budgetSchema,
      "Retries as a share of the service's calls in 10 s; at least 3 are allowed.",
      defaultValues.retry.budget,
    ),
    backoff: described(
      delaySchema,
      "Upper bound of the random wait before an instance is asked again; doubles with each attempt. One not tried yet is asked at once.",
      defaultValues.retry.backoff,
    ),
  },
  {},
);

const body = objectSchema<BodyConfig>(
  "Request bodies.",
  {
    max: described(
      sizeSchema,
      "A longer body is answered 413.",
      defaultValues.body.max,
    ),
  },
  {},
);

const use: Schema<readonly UseConfig[]> = listSchema(
  "Middlewares in the order they run, those of defaults first.",
  {
    type: "object",
    title: "a middleware and its options, like { name: {} }",
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: {
      type: "object",
      title: "an object with the middleware's options",
    },
  },
);

export const defaultsSchema: Schema<DefaultsConfig> =
  objectSchema<DefaultsConfig>(
    "What every route has unless it says otherwise, key by key.",
    { timeout, retry, body, use },
    {},
  );

const limit = objectSchema<LimitConfig>(
  "A token bucket; beyond it 429.",
  {
    rate: described(rateSchema, "How fast a bucket refills."),
    burst: described(
      integerSchema(1, 1_000_000_000_000),
      "Requests at once from a full bucket; the rate's number unless given.",
    ),
    by: described(
      textSchema<LimitKey>(
        "ip, header:<name>, auth.id, route or global",
        "^(ip|auth\\.id|route|global|header:[!#$%&'*+.^`|~0-9A-Za-z-]+)$",
      ),
      "What has a bucket of its own on this route; global is one bucket for all routes that name it.",
      "ip",
    ),
  },
  { rate: true },
);

const route = objectSchema<RouteConfig>(
  "Which requests, and where they go.",
  {
    path: described(
      textSchema("a path pattern"),
      "/a exact, /a/** and what is below, /a/:id one segment, ~^regex$.",
    ),
    host: described(
      textSchema("a host name like a.example.com or *.example.com"),
      "Every host unless given; *.example.com is every name below.",
    ),
    methods: listSchema(
      "Every method unless given.",
      textSchema("a method in upper case, like GET", "^[A-Z][A-Z-]{0,31}$"),
      1,
    ),
    match: objectSchema<NonNullable<RouteConfig["match"]>>(
      "What else must hold, letter for letter.",
      {
        headers: mapSchema(
          "Headers by name.",
          fieldNameSchema,
          fieldValueSchema,
        ),
        query: mapSchema(
          "Query parameters by name.",
          textSchema("a query parameter's name"),
          { type: "string", title: "a query parameter's value" },
        ),
      },
      {},
    ),
    to: {
      title: "a service's name, or services with their weights",
      description: "A service, or several with their weights.",
      type: ["string", "object"],
      minProperties: 1,
      additionalProperties: integerSchema(0, 1_000_000),
    },
    auth: described(
      nameSchema,
      "A name under auth; open to everyone unless given.",
    ),
    limit,
    timeout,
    retry,
    body,
    use,
  },
  { path: true, to: true },
);

export const routesSchema: Schema<NonNullable<GatewayConfig["routes"]>> =
  listSchema(
    "Most specific first wins: host, path, method, headers, query, then order.",
    route,
  );
