import {
  InvalidOptionError,
  randomName,
  requireInteger,
  requireText,
  systemRandom,
  type MetricFamily,
  type MetricSource,
  type Random,
} from "@dp/core";
import type { Hint, HintChannel } from "../hints/hint-channel.ts";
import { longestSource } from "./hint-message.ts";
import { createTally, hintMetrics } from "./hint-metrics.ts";
import { HintReceiver } from "./hint-receiver.ts";
import { HintSender } from "./hint-sender.ts";
import { pubSubOf, type RedisHintClient } from "./pub-sub.ts";

/** What {@link redisHints} needs and can be told. */
export interface RedisHintsOptions {
  /**
   * A client of ioredis or node-redis that sends the hints. May serve other purposes too. When its connection breaks,
   * ioredis sends what was on its way once more, hours later it may be: make it with `autoResendUnfulfilledCommands:
   * false`, so that no old hint opens a circuit.
   */
  readonly publisher: RedisHintClient;
  /** A second client, which listens: a connection that has subscribed can do nothing else. Connecting it is yours. */
  readonly subscriber: RedisHintClient;
  /**
   * The channel of Redis, the same in all processes. Whoever may publish on it is believed.
   *
   * @defaultValue 'dp:breaker:hints'
   */
  readonly channel?: string | undefined;
  /**
   * How many others must say that they are open before a circuit may open early. At least 1.
   *
   * @defaultValue 2
   */
  readonly quorum?: number | undefined;
  /**
   * Who this process is to the others: different in each, at most 64 characters.
   *
   * @defaultValue 16 random hexadecimal digits
   */
  readonly source?: string | undefined;
  /**
   * Where the default source comes from.
   *
   * @defaultValue the system's
   */
  readonly random?: Random | undefined;
}

/** A {@link HintChannel} through Redis. Its metrics tell how many hints were sent, heard and lost. */
export interface RedisHints extends HintChannel, MetricSource, Disposable {
  /** Who this process is to the others. */
  readonly source: string;
  /** Stops sending and listening for good. The clients stay open: they belong to the caller. */
  close(): void;
}

/**
 * Carries the hints of circuits between processes through a channel of Redis, so that a circuit opens early when others
 * of its name have opened. No call ever waits for it: a hint is one PUBLISH that nobody awaits, sent when a circuit
 * opens or closes.
 *
 * What cannot be sent at once is dropped, what arrives is checked strictly, and what listeners throw surfaces as an
 * uncaught exception. While Redis is down every circuit goes by its own evidence. It subscribes when the first breaker
 * is given it, or as soon after that as the subscriber connects. Throws `InvalidOptionError` for an option out of
 * bounds.
 */
export const redisHints = (options: RedisHintsOptions): RedisHints => {
  const { publisher, subscriber, random = systemRandom } = options;
  const sending = pubSubOf("publisher", publisher);
  const listening = pubSubOf("subscriber", subscriber);
  if (publisher === subscriber)
    throw new InvalidOptionError(
      "subscriber",
      subscriber,
      "another client than the publisher",
    );
  const channel = requireText("channel", options.channel ?? "dp:breaker:hints");
  const quorum = requireInteger("quorum", options.quorum ?? 2, 1);
  const source = requireSource(options.source ?? randomName(random));
  const tally = createTally();
  const sender = new HintSender(sending, channel, tally);
  const receiver = new HintReceiver(listening, channel, source, tally);
  const close = (): void => {
    sender.close();
    receiver.close();
  };
  return {
    quorum,
    source,
    publish: (hint: Omit<Hint, "source">): void =>
      sender.send({ ...hint, source }),
    subscribe: (listener: (hint: Hint) => void): (() => void) =>
      receiver.on(listener),
    metrics: (): MetricFamily[] =>
      hintMetrics(channel, tally, receiver.isListening),
    close,
    [Symbol.dispose]: close,
  };
};

const requireSource = (value: string): string => {
  const source = requireText("source", value);
  if (source.length <= longestSource) return source;
  throw new InvalidOptionError(
    "source",
    source,
    `a string of at most ${longestSource} characters`,
  );
};
