import { InvalidOptionError } from "@dp/core";

/** What is needed of a client of ioredis: `Redis` (Sentinel too) or `Cluster`. */
export interface IoredisScripts {
  readonly status: string;
  readonly isCluster?: boolean | undefined;
  evalsha(sha: string, keys: number, ...rest: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...rest: string[]): Promise<unknown>;
  on(event: string, listener: (event?: unknown) => void): unknown;
  off(event: string, listener: (event?: unknown) => void): unknown;
}

/** What is needed of a client of node-redis, the package `redis`: a client, a cluster or a sentinel. */
export interface NodeRedisScripts {
  readonly isReady: boolean;
  evalSha(sha: string, options: ScriptInput): Promise<unknown>;
  eval(script: string, options: ScriptInput): Promise<unknown>;
  on(event: string, listener: (event?: unknown) => void): unknown;
  off(event: string, listener: (event?: unknown) => void): unknown;
}

/** What a script is given. */
export interface ScriptInput {
  keys: string[];
  arguments: string[];
}

/** A client that a store can work through. */
export type RedisClient = IoredisScripts | NodeRedisScripts;

/** A client, whichever library it is of. */
export interface ScriptClient {
  readonly isReady: boolean;
  /** Whether all keys of one call have to be of one slot. */
  readonly isCluster: boolean;
  evalSha(sha: string, input: ScriptInput): Promise<unknown>;
  eval(script: string, input: ScriptInput): Promise<unknown>;
  /** Calls `listener` when a connection is lost, until what is returned is called. */
  onLost(listener: () => void): () => void;
}

/** Throws `InvalidOptionError` if the client is of neither library. */
export const scriptClientOf = (client: RedisClient): ScriptClient => {
  if (isClient(client)) {
    if ("isReady" in client && typeof client.evalSha === "function")
      return nodeRedis(client);
    if ("evalsha" in client && typeof client.status === "string")
      return ioredis(client);
  }
  throw new InvalidOptionError(
    "client",
    client,
    "a client of ioredis or node-redis",
  );
};

const isClient = (client: Partial<RedisClient> | null): boolean =>
  typeof client === "object" &&
  client !== null &&
  (["eval", "on", "off"] as const).every(
    (method) => typeof client[method] === "function",
  );

const ioredis = (client: IoredisScripts): ScriptClient => ({
  get isReady() {
    return client.status === "ready";
  },
  isCluster: client.isCluster === true,
  evalSha: (sha, { keys, arguments: rest }) =>
    client.evalsha(sha, keys.length, ...keys, ...rest),
  eval: (script, { keys, arguments: rest }) =>
    client.eval(script, keys.length, ...keys, ...rest),
  // A cluster drops a node whose connection is lost.
  onLost: (listener) => onAny(client, ["close", "-node"], listener),
});

const nodeRedis = (client: NodeRedisScripts): ScriptClient => ({
  get isReady() {
    return client.isReady;
  },
  isCluster: "masters" in client,
  evalSha: (sha, input) => client.evalSha(sha, input),
  eval: (script, input) => client.eval(script, input),
  onLost: (listener) => onAny(client, lossesOf(client), listener),
});

/**
 * A Sentinel tells of a lost connection by `error`, if it was made with `passthroughClientErrorEvents`, and by nothing
 * else; soon after that it sends again.
 */
const lossesOf = (client: NodeRedisScripts): readonly string[] => [
  ...["reconnecting", "end", "node-reconnecting", "node-disconnect"],
  ...("getMasterNode" in client ? ["error"] : []),
];

/** Whether an error of a Sentinel is about a connection that no script is sent over. */
const isElsewhere = (event: unknown): boolean =>
  event instanceof Error && /^(Sentinel|Replica) Client/.test(event.message);

/** Who wants to hear of a client: many stores may share one, and it is asked once for all. */
interface Audience {
  readonly listeners: Set<() => void>;
  readonly tell: (event?: unknown) => void;
}

const audiences = new WeakMap<RedisClient, Audience>();

const audienceOf = (client: RedisClient): Audience => {
  let audience = audiences.get(client);
  if (audience === undefined) {
    const listeners = new Set<() => void>();
    const tell = (event?: unknown): void => {
      if (isElsewhere(event)) return;
      for (const listener of listeners) listener();
    };
    audience = { listeners, tell };
    audiences.set(client, audience);
  }
  return audience;
};

const onAny = (
  client: RedisClient,
  events: readonly string[],
  listener: () => void,
): (() => void) => {
  const { listeners, tell } = audienceOf(client);
  if (listeners.size === 0) for (const event of events) client.on(event, tell);
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    for (const event of events) client.off(event, tell);
  };
};
