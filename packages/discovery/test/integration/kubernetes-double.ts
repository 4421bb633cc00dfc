import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { seededRandom } from "@dp/core";

export type Json = Record<string, unknown>;

/** What a test says of one EndpointSlice. */
export interface SliceSpec {
  /** @defaultValue "users" */
  readonly service?: string;
  /** @defaultValue "default" */
  readonly namespace?: string;
  /** @defaultValue "IPv4" */
  readonly addressType?: string;
  /** @defaultValue one on port 80 */
  readonly ports?: readonly { name?: string; port?: number }[];
  readonly endpoints: readonly (string | Json)[];
}

interface Watch {
  readonly selects: (object: Json) => boolean;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

export interface KubernetesDouble extends AsyncDisposable {
  readonly url: string;
  /** Requests so far, as `list`, `list continue` or `watch <version>`. */
  readonly requests: readonly string[];
  readonly watches: number;
  readonly lastWatch: URLSearchParams | undefined;
  /** Creates or replaces a slice. */
  put(name: string, spec: SliceSpec): void;
  remove(name: string): void;
  /** Something else in the cluster changes: versions go on, nobody is told. */
  elsewhere(): void;
  bookmark(): void;
  /** Forgets all changes so far: what watches from before is answered 410, as the server's cache does. */
  compact(): void;
  /** Lists under way cannot be continued. */
  expireLists(): void;
  /** Ends watches as their `timeoutSeconds` would. */
  endWatches(): void;
  /** Cuts every connection. */
  cut(): void;
  /** Says this to every watch, as it is. */
  say(text: string): void;
  /** How the next requests are answered instead, once each; `silence` not at all, `none` as they should be. */
  readonly faults: (number | "none" | "silence" | "expired event")[];
  /** How many a page has at most. @defaultValue as asked */
  pageSize: number | undefined;
  /** What lists are answered with instead, given the number of the page and counted from 0. */
  page: ((index: number) => Json | Promise<Json>) | undefined;
  token: string | undefined;
}

const objectOf = (name: string, spec: SliceSpec, version: number): Json => ({
  metadata: {
    name,
    namespace: spec.namespace ?? "default",
    resourceVersion: String(version),
    labels: { "kubernetes.io/service-name": spec.service ?? "users" },
  },
  addressType: spec.addressType ?? "IPv4",
  ports: spec.ports ?? [{ name: "http", port: 80 }],
  endpoints: spec.endpoints.map((endpoint) =>
    typeof endpoint === "string"
      ? { addresses: [endpoint], conditions: { ready: true } }
      : endpoint,
  ),
});

const statusOf = (code: number): Json => ({
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  reason: code === 410 ? "Expired" : "Other",
  message: code === 410 ? "too old resource version" : `refused with ${code}`,
  code,
});

const selectorOf = (url: URL): ((object: Json) => boolean) => {
  const namespace = url.pathname.split("/")[5];
  const selector = url.searchParams.get("labelSelector") ?? "";
  const [label = "", value] = selector.split("=");
  return ({ metadata }) => {
    const { namespace: own, labels } = metadata as {
      namespace: string;
      labels: Record<string, string>;
    };
    const given = labels[label];
    const isMeant = value === undefined ? given !== undefined : given === value;
    return own === namespace && isMeant;
  };
};

/**
 * What of an API server lists and watches need, written from its documentation: versions that every change moves, lists
 * at one version in pages, watches from a version out of a log that forgets, bookmarks, `Status` errors as answers and
 * as ERROR events, and lines cut anywhere into chunks. No real API server is behind these tests.
 */
export const startKubernetesDouble = async (): Promise<KubernetesDouble> => {
  const random = seededRandom(5);
  const objects = new Map<string, Json>();
  const watches = new Set<Watch>();
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const lists = new Map<string, { items: Json[]; version: number }>();
  let log: { version: number; type: string; object: Json }[] = [];
  let version = 100;
  let oldest = 100;
  let nextList = 0;
  let nextPage = 0;
  let lastWatch: URLSearchParams | undefined;

  /** In pieces of a few bytes, so that every place is cut at some time. */
  const write = (response: ServerResponse, text: string): void => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) {
      const size = 1 + Math.floor(random() * 90);
      response.write(bytes.subarray(at, at + size));
      at += size;
    }
  };
  const send = (watch: Watch, type: string, object: Json): void =>
    write(watch.response, `${JSON.stringify({ type, object })}\n`);
  const happen = (type: string, object: Json): void => {
    log.push({ version, type, object });
    for (const watch of watches)
      if (watch.selects(object)) send(watch, type, object);
  };
  const answer = (response: ServerResponse, code: number, body: Json): void => {
    response.writeHead(code, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };

  const list = (url: URL, response: ServerResponse): void => {
    const asked = Number(url.searchParams.get("limit") ?? Infinity);
    const limit = Math.min(asked, double.pageSize ?? Infinity);
    const token = url.searchParams.get("continue");
    const held = token === null ? undefined : lists.get(token);
    if (token !== null && held === undefined)
      return answer(response, 410, statusOf(410));
    const items = held?.items ?? [...objects.values()].filter(selectorOf(url));
    const at = held?.version ?? version;
    // Without a limit all comes at once.
    const isWhole = asked === Infinity || items.length <= limit;
    const metadata: Json = { resourceVersion: String(at) };
    if (!isWhole) {
      const next = `token-${nextList++}`;
      lists.set(next, { items: items.slice(limit), version: at });
      metadata["continue"] = next;
    }
    answer(response, 200, {
      kind: "EndpointSliceList",
      metadata,
      items: isWhole ? items : items.slice(0, limit),
    });
  };

  const watch = (url: URL, response: ServerResponse): void => {
    const query = (lastWatch = url.searchParams);
    const from = Number(query.get("resourceVersion"));
    if (from < oldest) return answer(response, 410, statusOf(410));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const opened = { selects: selectorOf(url), response, query };
    for (const event of log)
      if (event.version > from && opened.selects(event.object))
        send(opened, event.type, event.object);
    watches.add(opened);
    response.on("close", () => watches.delete(opened));
  };

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "", "http://double");
    const query = url.searchParams;
    const isWatch = query.get("watch") === "1";
    requests.push(
      isWatch
        ? `watch ${query.get("resourceVersion")}`
        : query.has("continue")
          ? "list continue"
          : "list",
    );
    const wanted = double.token && `Bearer ${double.token}`;
    const fault = double.faults.shift();
    if (fault === "silence") return;
    if (fault === "expired event") {
      response.writeHead(200);
      const event = { type: "ERROR", object: statusOf(410) };
      response.end(`${JSON.stringify(event)}\n`);
    } else if (typeof fault === "number")
      answer(response, fault, statusOf(fault));
    else if (wanted !== undefined && request.headers.authorization !== wanted)
      answer(response, 401, statusOf(401));
    else if (isWatch) watch(url, response);
    else if (double.page !== undefined)
      void Promise.resolve(double.page(nextPage++)).then((body) =>
        answer(response, 200, body),
      );
    else list(url, response);
  };

  const server = createServer(serve);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const double: KubernetesDouble = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get watches() {
      return watches.size;
    },
    get lastWatch() {
      return lastWatch;
    },
    put: (name, spec) => {
      const type = objects.has(name) ? "MODIFIED" : "ADDED";
      const object = objectOf(name, spec, ++version);
      objects.set(name, object);
      happen(type, object);
    },
    remove: (name) => {
      const object = structuredClone(objects.get(name) ?? {});
      objects.delete(name);
      (object["metadata"] as Json)["resourceVersion"] = String(++version);
      happen("DELETED", object);
    },
    elsewhere: () => {
      version++;
    },
    bookmark: () => {
      for (const each of watches)
        send(each, "BOOKMARK", {
          kind: "EndpointSlice",
          metadata: { resourceVersion: String(version) },
        });
    },
    compact: () => {
      log = [];
      oldest = version;
    },
    expireLists: () => lists.clear(),
    endWatches: () => {
      for (const { response } of watches) response.end();
      watches.clear();
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    say: (text) => {
      for (const { response } of watches) response.write(text);
    },
    faults: [],
    pageSize: undefined,
    page: undefined,
    token: undefined,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return double;
};
