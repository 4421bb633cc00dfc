import type {
  ClientConnection,
  RequestHandler,
  RequestSink,
} from "../http1/request-sink.ts";
import type { RequestHead } from "../message.ts";
import { problemAnswer } from "../problem.ts";
import { Exchange } from "./exchange.ts";
import { responseText } from "./response-text.ts";
import type { Generation, Runtime } from "./runtime.ts";

/** What the dispatcher needs of the gateway, read anew for every request. */
export interface DispatcherOptions {
  readonly runtime: Runtime;
  readonly current: () => Generation;
}

/** Gives each request its exchange, under the generation of the moment, and answers what is no request. */
export class Dispatcher implements RequestHandler {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get clients(): RequestHandler["clients"] {
    return this.#options.current().clients;
  }

  get identityFields(): ReadonlySet<string> {
    return this.#options.current().identityFields;
  }

  accept(connection: ClientConnection, head: RequestHead): RequestSink {
    const { runtime, current } = this.#options;
    const generation = current();
    return new Exchange(runtime, generation, connection, head);
  }

  refuse(connection: ClientConnection, status: number, why: string): void {
    const { runtime } = this.#options;
    const requestId = runtime.identifiers.next();
    const { head, body } = problemAnswer(
      {
        status,
        error: "http_request_error",
        detail: `The request was refused: ${why}.`,
      },
      requestId,
      runtime.pseudonym,
      false,
    );
    connection.write(
      responseText({
        head,
        framing: "length",
        length: body.length,
        requestId,
        pseudonym: runtime.pseudonym,
        date: runtime.date,
        announced: "",
        keepAlive: false,
        minor: 1,
      }) + body,
    );
    runtime.unrouted.record(status, 0);
    runtime.log?.({
      requestId,
      client: connection.remoteAddress,
      method: "",
      path: "",
      host: "",
      status,
      error: why,
      durationMs: 0,
      bytes: 0,
      route: undefined,
      service: undefined,
      instance: undefined,
      attempts: 0,
      authId: undefined,
    });
  }
}
