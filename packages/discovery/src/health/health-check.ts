import type { Instance, Metadata } from "../instance.ts";
import type { HealthCheck } from "./check.ts";
import { encodeHealthRequest } from "./grpc-message.ts";
import { probeGrpc } from "./grpc.ts";
import {
  resolveGrpcService,
  resolveHealthTiming,
  resolveHttpQuestion,
  type GrpcHealthOptions,
  type HealthTiming,
  type HttpHealthOptions,
} from "./health-options.ts";
import { probeHttp } from "./http.ts";
import { probeTcp } from "./tcp.ts";

/**
 * Makers of active health checks, for the `health` option of `discover`. The first result on an instance decides at
 * once; later it takes `rise` or `fall` in a row, so that one lost packet does not move traffic. Each view runs its own,
 * at most 256 at a time; where more are due the rest start as soon as there is room.
 */
export const healthCheck: {
  /**
   * Healthy if `GET path` is answered in time with a status that passes. One connection per check, closed when the
   * head of the answer is there; the body is not read.
   */
  http(options?: HttpHealthOptions): HealthCheck;
  /**
   * Healthy if a connection is made in time; it is closed at once. That proves little: the kernel also accepts
   * connections to a process that stands still. For instances that speak nothing else.
   */
  tcp(options?: HealthTiming): HealthCheck;
  /**
   * Healthy if `grpc.health.v1.Health/Check` answers SERVING in time. Every other status, error or answer is unhealthy,
   * UNIMPLEMENTED included. One cleartext HTTP/2 connection per check, without TLS.
   *
   * Source: the gRPC health checking protocol (grpc/doc/health-checking.md).
   */
  grpc(options?: GrpcHealthOptions): HealthCheck;
  /** Healthy if `check` resolves in time. It should let go of what it holds when its signal aborts. */
  custom<M = Metadata>(
    check: (instance: Instance<M>, signal: AbortSignal) => Promise<void>,
    options?: HealthTiming,
  ): HealthCheck<M>;
} = {
  http(options = {}) {
    const question = resolveHttpQuestion(options);
    return {
      ...resolveHealthTiming(options),
      check: (instance, signal) => probeHttp(instance, question, signal),
    };
  },
  tcp: (options = {}) => ({
    ...resolveHealthTiming(options),
    check: probeTcp,
  }),
  grpc(options = {}) {
    const request = encodeHealthRequest(resolveGrpcService(options));
    return {
      ...resolveHealthTiming(options),
      check: (instance, signal) => probeGrpc(instance, request, signal),
    };
  },
  custom: (check, options = {}) => ({
    ...resolveHealthTiming(options),
    check,
  }),
};
