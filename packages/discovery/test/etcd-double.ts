import {
  createServer,
  type IncomingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What the double was asked. */
export interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

/** One watch that a registry has opened at the double. */
export interface OpenWatch {
  readonly startRevision: string;
  readonly headers: IncomingHttpHeaders;
  /** Sends one message as etcd does, as one line. */
  send(result: object): void;
  /** Sends what is no message. */
  sendRaw(bytes: Buffer | string): void;
  /** Ends the answer after what was sent. */
  end(): void;
  /** Ends the connection, whatever of it has arrived. */
  drop(): void;
}

/** An answer, a text as it is; undefined for none at all. */
export type Answer =
  { readonly status?: number; readonly body: object | string } | undefined;

/** A gateway of etcd that says what a test tells it to. */
export interface EtcdDouble {
  readonly url: string;
  readonly asked: Asked[];
  readonly watches: OpenWatch[];
  /** Whether watches are answered at all. */
  answersWatches: boolean;
  answer: (asked: Asked) => Answer;
  /** Requests for this path so far. */
  times(path: string): number;
  close(): Promise<void>;
}

export const header = (
  revision: number,
): { cluster_id: string; revision: string } => ({
  cluster_id: "7",
  revision: String(revision),
});

export const startEtcdDouble = async (): Promise<EtcdDouble> => {
  const open = (asked: Asked, response: ServerResponse): OpenWatch => {
    const request = asked.body["create_request"] as { start_revision: string };
    return {
      startRevision: request.start_revision,
      headers: asked.headers,
      send: (result) => void response.write(`${JSON.stringify({ result })}\n`),
      sendRaw: (bytes) => void response.write(bytes),
      end: () => void response.end(),
      drop: () => void response.destroy(),
    };
  };
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const path = (request.url ?? "").replace("/v3/", "");
      const asked = {
        path,
        body: JSON.parse(text) as Asked["body"],
        headers: request.headers,
      };
      double.asked.push(asked);
      if (path === "watch") {
        if (double.answersWatches) double.watches.push(open(asked, response));
        return;
      }
      const answer = double.answer(asked);
      if (answer === undefined) return;
      response.writeHead(answer.status ?? 200, {
        "content-type": "application/json",
      });
      const { body } = answer;
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const double: EtcdDouble = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    watches: [],
    answersWatches: true,
    answer: () => ({ body: { header: header(42) } }),
    times: (path) => double.asked.filter((each) => each.path === path).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return double;
};
