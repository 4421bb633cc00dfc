import type { Writable } from "node:stream";
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

/** A script on its way. */
export interface SentScript {
  readonly reply: Promise<unknown>;
  /** Makes the script do nothing, should it be sent yet, or once more: its first argument is then no longer `1`. */
  withdraw(): void;
}

/** A client, whichever library it is of. */
export interface ScriptClient {
  readonly isReady: boolean;
  /** Whether all keys of one call have to be of one slot. */
  readonly isCluster: boolean;
  /** Sends a script by its text or its digest, with `1` before its other arguments. */
  send(by: "eval" | "evalsha", script: string, input: ScriptInput): SentScript;
  /** Does what sends scripts, and lets them go out in one piece where the client would write each by itself. */
  together(sending: () => void): void;
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
  send: ioredisSend(client),
  together: (sending) => {
    const { stream } = client as { readonly stream?: Partial<Writable> };
    stream?.cork?.();
    try {
      sending();
    } finally {
      stream?.uncork?.();
    }
  },
  // A cluster drops a node whose connection is lost.
  onLost: (listener) => onAny(client, ["close", "-node"], listener),
});

/** What ioredis keeps of a call until it is answered, and writes again if a connection is lost before that. */
interface IoredisCommand {
  readonly args: unknown[];
}
type IoredisCommandClass = new (
  name: string,
  args: unknown[],
  options: object,
) => IoredisCommand;

interface IoredisCommands {
  readonly options?: { readonly keyPrefix?: string | undefined } | undefined;
  sendCommand(command: IoredisCommand): Promise<unknown>;
  /** Sends nothing before it is told to. */
  pipeline(): {
    ping(): {
      readonly _queue: readonly { constructor: IoredisCommandClass }[];
    };
  };
}

/** The class of commands of the copy of ioredis that the client is of. Undefined: it keeps them elsewhere than others do. */
const commandClassOf = (
  client: IoredisCommands,
): IoredisCommandClass | undefined => {
  try {
    const [command] = client.pipeline().ping()._queue;
    return command?.constructor;
  } catch {
    return undefined;
  }
};

const ioredisSend = (client: IoredisScripts): ScriptClient["send"] => {
  const commands = client as unknown as IoredisCommands;
  const Command = commandClassOf(commands);
  if (Command === undefined)
    return withPermit((by, script, { keys, arguments: rest }) =>
      client[by](script, keys.length, ...keys, ...rest),
    );
  const keyPrefix = commands.options?.keyPrefix;
  const options = { replyEncoding: "utf8", keyPrefix };
  return (by, script, { keys, arguments: rest }) => {
    const words = [script, keys.length, ...keys, "1", ...rest];
    const command = new Command(by, words, options);
    return {
      reply: commands.sendCommand(command),
      withdraw: () => void (command.args[2 + keys.length] = "0"),
    };
  };
};

const nodeRedis = (client: NodeRedisScripts): ScriptClient => ({
  get isReady() {
    return client.isReady;
  },
  isCluster: "masters" in client,
  send: withPermit((by, script, input) =>
    by === "eval" ? client.eval(script, input) : client.evalSha(script, input),
  ),
  // It writes at the end of a turn anyway.
  together: (sending) => sending(),
  onLost: (listener) => onAny(client, lossesOf(client), listener),
});

const waiting = 0x31;
const withdrawn = 0x30;

/** The first argument in bytes of its own, which are read when a client writes them: dearer than text for all the rest. */
const withPermit =
  (
    send: (
      by: "eval" | "evalsha",
      script: string,
      input: ScriptInput,
    ) => Promise<unknown>,
  ): ScriptClient["send"] =>
  (by, script, { keys, arguments: rest }) => {
    const permit = Buffer.of(waiting);
    // Clients take bytes too, which their types tell in different ways.
    const words = [permit as unknown as string, ...rest];
    return {
      reply: send(by, script, { keys, arguments: words }),
      withdraw: () => void (permit[0] = withdrawn),
    };
  };

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
