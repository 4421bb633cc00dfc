import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { nonceHeader } from "../evidence.ts";
import { ClientConnection, type WireRequest } from "./client.ts";
import { Tally } from "./tally.ts";
import { judge } from "./verdict.ts";

/** What a load sends next, without the nonce; `fields` and `body` may be left out. */
export interface Aim {
  readonly method?: string | undefined;
  readonly target: string;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
}

export interface LoadOptions {
  readonly port: number;
  /** Connections, each with one request at a time. */
  readonly workers: number;
  /** Between an answer and the same worker's next request. */
  readonly pauseMs: number;
  readonly next: () => Aim;
}

/** Requests that go on until stopped. */
export interface Load {
  /** Counted so far; still growing. */
  readonly tally: Tally;
  /** Counts what is sent from now on apart, in what is returned. */
  anew(): Tally;
  /** Resolves when every worker has its last answer. */
  stop(): Promise<Tally>;
}

/** The request of an aim, with a nonce of its own. */
export const requestOf = (aim: Aim): WireRequest => ({
  method: aim.method ?? "GET",
  target: aim.target,
  fields: { [nonceHeader]: randomUUID(), ...aim.fields },
  body: aim.body ?? "",
});

const redialMs = 20;

/** Starts sending; every answer is judged and counted. */
export const startLoad = (options: LoadOptions): Load => {
  const { port, workers, pauseMs, next } = options;
  const tally = new Tally();
  let current = tally;
  const stopping = new AbortController();

  const work = async (): Promise<void> => {
    let connection: ClientConnection | undefined;
    while (!stopping.signal.aborted) {
      if (connection?.usable !== true) {
        connection?.close();
        connection = await ClientConnection.connect(port).catch(
          () => undefined,
        );
        if (connection === undefined) {
          current.unconnected++;
          await sleep(redialMs);
          continue;
        }
      }
      const request = requestOf(next());
      const counted = current;
      counted.add(request, judge(request, await connection.send(request)));
      if (pauseMs > 0) await sleep(pauseMs);
    }
    connection?.close();
  };
  const working = Promise.all(Array.from({ length: workers }, work));

  return {
    tally,
    anew: () => (current = new Tally()),
    stop: async () => {
      stopping.abort();
      await working;
      return tally;
    },
  };
};
