import { request } from "node:http";
import { text } from "node:stream/consumers";

/** What a server answered. */
export interface Visited {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Asks a server on this machine for `path` over a connection of its own. */
export const visit = (
  port: number,
  path = "/",
  method = "GET",
): Promise<Visited> =>
  new Promise((resolve, reject) => {
    const sent = request({ port, path, method, agent: false }, (response) => {
      text(response).then(
        (body) =>
          resolve({
            status: response.statusCode,
            headers: response.headers as Visited["headers"],
            body,
          }),
        reject,
      );
    });
    sent.on("error", reject).end();
  });
