import { connect } from "node:net";
import { DpError } from "@dp/core";
import type { Instance } from "../instance.ts";

/**
 * Resolves if the instance accepts a connection, which is closed at once; rejects otherwise or when the signal aborts.
 * Nothing is sent, and nothing of what it says is read.
 */
export const probeTcp = (
  instance: Instance<unknown>,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({
      host: instance.host,
      port: instance.port,
      signal,
    });
    socket.on("connect", () => {
      resolve();
      socket.destroy();
    });
    // Also after the connection is made: a reset on the way out is nobody's concern.
    socket.on("error", reject);
    socket.on("close", () =>
      reject(new DpError("DP_CHECK_FAILED", "no connection was made")),
    );
  });
