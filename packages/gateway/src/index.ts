// For everyone.
export {
  type BoundAddress,
  createGateway,
  type Gateway,
  type GatewayOptions,
} from "./gateway.ts";
export { ConfigError, type ConfigProblem } from "./errors.ts";
export type { ExplainedRequest, Explanation } from "./config/explain.ts";
export type { ConfigDiff, NameDiff } from "./config/diff.ts";
export type {
  ApiKeyConfig,
  AuthConfig,
  BalanceName,
  BodyConfig,
  BreakerConfig,
  ClientsConfig,
  ConnectionsConfig,
  DefaultsConfig,
  DrainConfig,
  EjectConfig,
  GatewayConfig,
  HealthConfig,
  LimitConfig,
  LimitKey,
  ListenConfig,
  LogConfig,
  Percent,
  Rate,
  RetryConfig,
  RetryReason,
  RouteConfig,
  ServiceConfig,
  Size,
  TimeoutConfig,
  UseConfig,
} from "./config/types.ts";

// For authors of middlewares.
export { defineMiddleware } from "./middleware/middleware.ts";
export type {
  GatewayContext,
  GatewayRequest,
  GatewayResponse,
  Middleware,
  MiddlewareDefinition,
} from "./middleware/middleware.ts";
