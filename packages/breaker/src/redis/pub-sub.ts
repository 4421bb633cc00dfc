import { InvalidOptionError } from "@dp/core";

/** What is needed of a client of ioredis. */
export interface IoredisClient {
  readonly status: string;
  publish(channel: string, message: string): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  on(event: "ready", listener: () => void): unknown;
  on(
    event: "message",
    listener: (channel: string, message: string) => void,
  ): unknown;
  off(event: "ready", listener: () => void): unknown;
  off(
    event: "message",
    listener: (channel: string, message: string) => void,
  ): unknown;
}

/** What is needed of a client of node-redis, the package `redis`. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  publish(channel: string, message: string): Promise<unknown>;
  subscribe(
    channel: string,
    listener: (message: string) => void,
  ): Promise<unknown>;
  unsubscribe(
    channel: string,
    listener: (message: string) => void,
  ): Promise<unknown>;
  on(event: "ready", listener: () => void): unknown;
  off(event: "ready", listener: () => void): unknown;
}

/** A client that hints can travel through. */
export type RedisHintClient = IoredisClient | NodeRedisClient;

/** A client, whichever library it is of. */
export interface PubSub {
  readonly isReady: boolean;
  publish(channel: string, message: string): Promise<unknown>;
  /** Where messages of one channel come from, when they have been asked for. */
  listen(channel: string, hear: (message: string) => void): Subscription;
  /** Calls `listener` whenever the client has connected, until what is returned is called. */
  onReady(listener: () => void): () => void;
}

/** What asks Redis for the messages of a channel. */
export interface Subscription {
  /** Harmless when repeated. */
  ask(): Promise<unknown>;
  /** Leaves the client without a listener. */
  mute(): void;
  /** Takes back what was asked for. */
  end(): Promise<unknown>;
}

/** The client given as `option`. Throws `InvalidOptionError` if it is of neither library. */
export const pubSubOf = (option: string, client: RedisHintClient): PubSub => {
  if (isClient(client)) {
    if ("isReady" in client) return nodeRedis(client);
    if (typeof client.status === "string") return ioredis(client);
  }
  throw new InvalidOptionError(
    option,
    client,
    "a client of ioredis or node-redis",
  );
};

const methods = ["publish", "subscribe", "unsubscribe", "on", "off"] as const;

const isClient = (client: Partial<RedisHintClient> | null): boolean =>
  typeof client === "object" &&
  client !== null &&
  methods.every((method) => typeof client[method] === "function");

const ioredis = (client: IoredisClient): PubSub => ({
  get isReady() {
    return client.status === "ready";
  },
  publish: (channel, message) => client.publish(channel, message),
  listen: (channel, hear) => {
    const listener = (from: string, message: string): void => {
      if (from === channel) hear(message);
    };
    client.on("message", listener);
    return {
      ask: () => client.subscribe(channel),
      mute: () => void client.off("message", listener),
      end: () => client.unsubscribe(channel),
    };
  },
  onReady: (listener) => onReady(client, listener),
});

const nodeRedis = (client: NodeRedisClient): PubSub => ({
  get isReady() {
    return client.isReady;
  },
  publish: (channel, message) => client.publish(channel, message),
  listen: (channel, hear) => ({
    ask: () => client.subscribe(channel, hear),
    // Its listeners come and go with the subscription.
    mute: () => undefined,
    end: () => client.unsubscribe(channel, hear),
  }),
  onReady: (listener) => onReady(client, listener),
});

const onReady = (
  client: RedisHintClient,
  listener: () => void,
): (() => void) => {
  client.on("ready", listener);
  return () => void client.off("ready", listener);
};
