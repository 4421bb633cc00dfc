import { DpError, type Clock } from "@dp/core";
import { attempt } from "../../remote/attempt.ts";
import { LineSplitter } from "../../remote/line-splitter.ts";
import { ApiError, errorOf, type ApiServer } from "./api-server.ts";

/** How long one page, or the head of a watch, may take. */
const answerMs = 10_000;
/** How long all pages of a list may take together. */
const listMs = 10 * answerMs;
const pageSize = "500";
/** Half a million slices: more are no answer to a question of ours. */
const mostPages = 1000;
/** An object in etcd has 1.5 MiB at most; JSON may be longer than what is stored. */
const mostLineBytes = 8 * 1024 * 1024;

/** Which slices: `labelSelector` in one namespace. */
export interface Selection {
  readonly namespace: string;
  readonly labelSelector: string;
}

export interface SliceList {
  readonly items: readonly unknown[];
  /** The list object, for its version. */
  readonly list: unknown;
}

/** One line of a watch. */
export interface SliceEvent {
  readonly type: string;
  readonly object: unknown;
}

interface Page {
  readonly items?: readonly unknown[];
  readonly metadata?: { readonly continue?: string };
}

/** The two verbs of the protocol: list in pages, watch from a version. */
export class SliceApi {
  readonly #server: ApiServer;
  readonly #clock: Clock;

  constructor(server: ApiServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /**
   * All slices at one version. When that is given up by the server before the last page, all are asked for at once.
   * Rejects with `DP_BAD_ANSWER` for a list that does not end: a page goes on where it began, or is one too many; and
   * with `DP_REGISTRY_TIMEOUT` when the pages together take too long.
   */
  list(selection: Selection, signal: AbortSignal): Promise<SliceList> {
    return attempt(this.#clock, listMs, signal, (inner) =>
      this.#pages(selection, inner),
    );
  }

  async #pages(selection: Selection, signal: AbortSignal): Promise<SliceList> {
    const items: unknown[] = [];
    let token: string | undefined;
    for (let count = 1; count <= mostPages; count++) {
      let page: Page;
      try {
        page = await this.#page(selection, { limit: pageSize, token }, signal);
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 410) throw error;
        if (token === undefined) throw error;
        const whole = await this.#page(selection, {}, signal);
        return { items: whole.items ?? [], list: whole };
      }
      const { items: more, metadata } = page;
      // One by one: a page may have more than a call takes arguments.
      for (const item of more ?? []) items.push(item);
      const next = metadata?.continue ?? "";
      if (next === "") return { items, list: page };
      if (next === token) throw endless(`page ${count} goes on where it began`);
      token = next;
    }
    throw endless(`it has more than ${mostPages} pages`);
  }

  /**
   * Tells each event after `version` to `heard` until the server ends the watch, then resolves. Rejects when nothing
   * is heard for `silenceMs`, with what `heard` throws, and with `ApiError` for an ERROR event or a refusal.
   * `opened` is called when the head of the answer is there, before the first event, with a signal that aborts as soon
   * as the watch is over.
   */
  async watch(
    selection: Selection,
    version: string,
    limits: { readonly seconds: number; readonly silenceMs: number },
    listener: {
      readonly opened: (over: AbortSignal) => void;
      readonly heard: (event: SliceEvent) => void;
    },
    signal: AbortSignal,
  ): Promise<void> {
    const stop = new AbortController();
    const abort = (): void => stop.abort(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    let cancelSilence = (): void => undefined;
    // At once, for the end of the stream is heard of later.
    stop.signal.addEventListener("abort", () => cancelSilence(), {
      once: true,
    });
    const wait = (): void => {
      cancelSilence();
      cancelSilence = this.#clock.schedule(limits.silenceMs, () =>
        stop.abort(
          new DpError(
            "DP_WATCH_SILENT",
            `the API server said nothing for ${limits.silenceMs} ms`,
            { retryable: true },
          ),
        ),
      );
    };
    try {
      const response = await attempt(this.#clock, answerMs, signal, (inner) => {
        inner.addEventListener("abort", () => stop.abort(inner.reason), {
          once: true,
        });
        const query = {
          labelSelector: selection.labelSelector,
          watch: "1",
          allowWatchBookmarks: "true",
          resourceVersion: version,
          timeoutSeconds: String(limits.seconds),
        };
        return this.#server.open(pathOf(selection), query, stop.signal);
      });
      wait();
      listener.opened(stop.signal);
      const lines = new LineSplitter(mostLineBytes);
      for await (const chunk of response as AsyncIterable<Buffer>)
        for (const line of lines.push(chunk)) {
          stop.signal.throwIfAborted();
          wait();
          listener.heard(eventOf(line));
        }
    } catch (error) {
      // A request that is ended by its signal says only that.
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      signal.removeEventListener("abort", abort);
      stop.abort();
    }
  }

  async #page(
    { namespace, labelSelector }: Selection,
    { limit, token }: { limit?: string; token?: string | undefined },
    signal: AbortSignal,
  ): Promise<Page> {
    const query = {
      labelSelector,
      ...(limit !== undefined && { limit }),
      ...(token !== undefined && { continue: token }),
    };
    const page = await attempt(this.#clock, answerMs, signal, (inner) =>
      this.#server.get(pathOf({ namespace, labelSelector }), query, inner),
    );
    return page as Page;
  }
}

const endless = (why: string): DpError =>
  new DpError("DP_BAD_ANSWER", `the list of slices does not end: ${why}`);

const pathOf = ({ namespace }: Selection): string =>
  `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;

const eventOf = (line: string): SliceEvent => {
  let event: SliceEvent | null;
  try {
    event = JSON.parse(line) as SliceEvent | null;
  } catch (cause) {
    throw new DpError("DP_BAD_ANSWER", "a line of the watch is no JSON", {
      cause,
    });
  }
  if (typeof event?.type !== "string")
    throw new DpError("DP_BAD_ANSWER", "a line of the watch is no event");
  if (event.type === "ERROR") throw errorOf(event.object, 500);
  return event;
};
