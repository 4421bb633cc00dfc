import { DpError } from "@dp/core";
import type { Instance } from "../instance.ts";
import type { HttpQuestion } from "./health-options.ts";

/**
 * Resolves if `GET path` on the instance is answered with a status that passes, rejects otherwise or when the
 * signal aborts. Uses a connection of its own, closed as soon as the head has arrived: the body, however long, is not
 * read, and the head is bounded by node:http's limit.
 */
export const probeHttp = (
  instance: Instance<unknown>,
  { path, headers, passes }: HttpQuestion,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    // Not imported, for that takes half the time of starting: those who do not ask by HTTP do not load it.
    const { Agent, request } = process.getBuiltinModule("node:http");
    // An agent per probe: a pooled connection would outlive the process it was made to and hide that it is gone.
    const agent = new Agent({ keepAlive: false });
    const probe = request({
      host: instance.host,
      port: instance.port,
      path,
      agent,
      signal,
      headers: {
        "user-agent": "dp-discovery-health",
        accept: "*/*",
        ...headers,
      },
    });
    probe.on("response", (response) => {
      const status = response.statusCode ?? 0;
      if (passes(status)) resolve();
      else
        reject(
          new DpError("DP_CHECK_FAILED", `GET ${path} was answered ${status}`),
        );
      probe.destroy();
    });
    // Also after the head: destroying a response in flight may report an error nobody needs.
    probe.on("error", reject);
    probe.on("upgrade", (_response, socket) => {
      reject(new DpError("DP_CHECK_FAILED", `GET ${path} was answered 101`));
      socket.destroy();
    });
    probe.on("close", () => {
      agent.destroy();
      reject(new DpError("DP_CHECK_FAILED", `GET ${path} was not answered`));
    });
    probe.end();
  });
