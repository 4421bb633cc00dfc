import { DpError, InvalidOptionError } from "@dp/core";

/** What is needed of a client of ioredis: `Redis` (Sentinel too) or `Cluster`. */
export interface IoredisClient {
  readonly status: string;
  evalsha(sha: string, keys: number, ...rest: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...rest: string[]): Promise<unknown>;
  duplicate(): IoredisReader;
}

/** What is needed of its duplicate, which waits for changes. */
export interface IoredisReader {
  readonly status: string;
  connect(): Promise<unknown>;
  disconnect(): void;
  on(event: string, listener: (event?: unknown) => void): unknown;
  // As the two libraries declare it, in too many ways to name one.
  xread: unknown;
}

/** What is needed of a client of node-redis, the package `redis`: a client, a cluster or a sentinel. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  evalSha(sha: string, options: ScriptInput): Promise<unknown>;
  eval(script: string, options: ScriptInput): Promise<unknown>;
  duplicate(): NodeRedisReader;
}

/** What is needed of its duplicate, which waits for changes. */
export interface NodeRedisReader {
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: string, listener: (event?: unknown) => void): unknown;
  xRead: unknown;
}

/** What a script is given. */
export interface ScriptInput {
  keys: string[];
  arguments: string[];
}

/** A client that a registry can work through; it stays the caller's, who connects and closes it. */
export type RedisClient = IoredisClient | NodeRedisClient;

/** A client, whichever library it is of. */
export interface ScriptClient {
  /** False: a script sent now would wait in the client for nobody knows how long. */
  readonly isReady: boolean;
  send(
    by: "eval" | "evalsha",
    script: string,
    input: ScriptInput,
  ): Promise<unknown>;
  /** A connection of its own that is being made, for a command that blocks. */
  openReader(): StreamReader;
}

/** A connection that waits for entries of streams. Made for one use: once lost it stays lost. */
export interface StreamReader {
  readonly isReady: boolean;
  /** Rejects when the connection is lost; never resolves. */
  readonly lost: Promise<never>;
  /** Resolves when the stream has an entry after `id`, or after `blockMs`, an integer of at least 1. */
  wait(stream: string, id: string, blockMs: number): Promise<unknown>;
  close(): void;
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
  (["eval", "duplicate"] as const).every(
    (method) => typeof client[method] === "function",
  );

/** `wait`: made with `lazyConnect`, connects by the first command. */
const isUsable = (status: string): boolean =>
  status === "ready" || status === "wait";

const ioredis = (client: IoredisClient): ScriptClient => ({
  get isReady() {
    return isUsable(client.status);
  },
  send: (by, script, { keys, arguments: rest }) =>
    client[by](script, keys.length, ...keys, ...rest),
  openReader: () => {
    const connection = client.duplicate() as IoredisReader & {
      xread(...words: (string | number)[]): Promise<unknown>;
    };
    return {
      get isReady() {
        return isUsable(connection.status);
      },
      lost: lossOf(connection),
      wait: (stream, id, blockMs) =>
        connection.xread(
          ...["COUNT", 1, "BLOCK", blockMs],
          ...["STREAMS", stream, id],
        ),
      close: () => connection.disconnect(),
    };
  },
});

const nodeRedis = (client: NodeRedisClient): ScriptClient => ({
  get isReady() {
    return client.isReady;
  },
  send: (by, script, input) =>
    by === "eval" ? client.eval(script, input) : client.evalSha(script, input),
  openReader: () => {
    const connection = client.duplicate() as NodeRedisReader & {
      xRead(
        from: { key: string; id: string },
        options: { COUNT: number; BLOCK: number },
      ): Promise<unknown>;
    };
    const lost = lossOf(connection);
    // What goes wrong is told by events too.
    connection.connect().catch(() => undefined);
    return {
      get isReady() {
        return connection.isReady;
      },
      lost,
      wait: (stream, id, blockMs) =>
        connection.xRead({ key: stream, id }, { COUNT: 1, BLOCK: blockMs }),
      close: () => {
        // One that never connected has nothing to end, and says so.
        new Promise((resolve) => {
          resolve(connection.destroy());
        }).catch(() => undefined);
      },
    };
  },
});

/**
 * What the two libraries, alone and in clusters, say when a connection is lost or cannot be made. Not what a cluster of
 * ioredis says of single nodes: it drops those it was told of as soon as it has found out about all.
 */
const losses = [
  ...["error", "close", "end", "reconnecting"],
  ...["node-error", "node-disconnect"],
];

/** The listener for `error` stays: without one a client brings its process down. */
const lossOf = (
  connection: IoredisReader | NodeRedisReader,
): Promise<never> => {
  const loss = new Promise<never>((_, reject) => {
    for (const event of losses)
      connection.on(event, (cause) =>
        reject(
          new DpError(
            "DP_CONNECTION_LOST",
            `the connection to Redis: ${event}`,
            { retryable: true, ...(cause instanceof Error && { cause }) },
          ),
        ),
      );
  });
  // It may be lost while nobody waits.
  loss.catch(() => undefined);
  return loss;
};
