import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { DpError, durationMs, systemClock, type Clock } from "@dp/core";
import type {
  InstanceState,
  Registration,
  RegistrationSpec,
  Registry,
} from "@dp/discovery";

/** What a service process sends to get onto the list. */
export interface Announcement {
  readonly spec: RegistrationSpec<unknown>;
  readonly ttlMs: number;
  /** A process that comes back while it drains says so. */
  readonly state: InstanceState;
}

interface Tenancy {
  readonly registration: Registration<unknown>;
  readonly ttlMs: number;
  cancelExpiry: () => void;
}

interface Reply {
  readonly status: number;
  readonly content?: unknown;
}

/**
 * Lets other processes use a registry that lives in this one:
 *
 *     PUT    /leases               an Announcement -> 201 { lease }
 *     POST   /leases/:lease/renew  204, or 404: announce yourself again
 *     POST   /leases/:lease/state  "serving" | "draining" -> 204
 *     DELETE /leases/:lease        204
 *     GET    /instances            what is registered, by service
 *
 * The registry renews what is registered in its own process, so it is told of an endless ttl, and the front ends a
 * registration whose owner has not renewed its lease in time.
 */
export const createRegistryFront = (
  registry: Registry<unknown>,
  clock: Clock = systemClock,
): Server => {
  const tenancies = new Map<string, Tenancy>();

  const leave = async (lease: string): Promise<void> => {
    const tenancy = tenancies.get(lease);
    tenancies.delete(lease);
    tenancy?.cancelExpiry();
    await tenancy?.registration.close();
  };
  const expireLater = (lease: string, ttlMs: number): (() => void) =>
    clock.schedule(ttlMs, () => void leave(lease));

  const announce = async (announcement: Announcement): Promise<Reply> => {
    const { spec, state } = announcement;
    const ttlMs = durationMs(announcement.ttlMs, "ttlMs");
    const registration = await registry.register({ ...spec, ttl: Infinity });
    await registration.setState(state);
    const lease = randomUUID();
    const cancelExpiry = expireLater(lease, ttlMs);
    tenancies.set(lease, { registration, ttlMs, cancelExpiry });
    return { status: 201, content: { lease } };
  };

  const renew = (lease: string): Reply => {
    const tenancy = tenancies.get(lease);
    if (tenancy === undefined) return { status: 404 };
    if (tenancy.registration.status === "superseded") return { status: 409 };
    tenancy.cancelExpiry();
    tenancy.cancelExpiry = expireLater(lease, tenancy.ttlMs);
    return { status: 204 };
  };

  const setState = async (
    lease: string,
    state: InstanceState,
  ): Promise<Reply> => {
    const tenancy = tenancies.get(lease);
    if (tenancy === undefined) return { status: 404 };
    await tenancy.registration.setState(state);
    return { status: 204 };
  };

  const list = async (): Promise<Reply> => {
    const content: Record<string, unknown> = {};
    for (const service of await registry.services())
      content[service] = await registry.list(service);
    return { status: 200, content };
  };

  const reply = async (
    method: string,
    [root, lease = "", action]: readonly string[],
    body: string,
  ): Promise<Reply> => {
    if (method === "GET" && root === "instances") return list();
    if (root !== "leases") return { status: 404 };
    if (method === "PUT") return announce(JSON.parse(body) as Announcement);
    if (method === "POST" && action === "renew") return renew(lease);
    if (method === "POST" && action === "state")
      return setState(lease, JSON.parse(body) as InstanceState);
    if (method !== "DELETE") return { status: 405 };
    await leave(lease);
    return { status: 204 };
  };

  return createServer((request, response) => {
    const { method = "", url = "/" } = request;
    const words = url.split("/").slice(1);
    readText(request)
      .then((body) => reply(method, words, body))
      .catch((error: unknown) => ({
        status: error instanceof SyntaxError || DpError.is(error) ? 400 : 500,
        content: { problem: String(error) },
      }))
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  });
};

/** A revision is a bigint and becomes a decimal string. */
const toJson = (content: unknown): string =>
  JSON.stringify(
    content,
    (_, value: unknown) => (typeof value === "bigint" ? String(value) : value),
    2,
  );

const send = (response: ServerResponse, { status, content }: Reply): void => {
  if (content === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${toJson(content)}\n`);
};

const readText = async (request: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part as string;
  return text;
};
