import type { IncomingHttpHeaders } from "node:http2";
import { connect as connectSocket } from "node:net";
import { DpError } from "@dp/core";
import type { Instance } from "../instance.ts";
import { decodeHealthStatus } from "./grpc-message.ts";

/** A right answer is seven bytes; this leaves room for fields that a later version of the protocol may add. */
const longestBody = 1024;

const serving = 1;

const failed = (why: string): DpError => new DpError("DP_CHECK_FAILED", why);

/** Why these do not end a successful call; undefined if they do. */
const refusalIn = (headers: IncomingHttpHeaders): DpError | undefined => {
  const status = headers["grpc-status"];
  if (status === "0") return undefined;
  const message = String(headers["grpc-message"] ?? "");
  return failed(
    status === undefined
      ? "the answer has no grpc-status"
      : `the answer has grpc-status ${String(status)} ${message}`.trimEnd(),
  );
};

/**
 * Resolves if `grpc.health.v1.Health/Check`, called with this framed request, answers SERVING; rejects otherwise or when
 * the signal aborts. Uses a session of its own over cleartext HTTP/2, destroyed as soon as the answer is known. Reads at
 * most a KiB of body; a session that says goodbye (GOAWAY) before it has answered is one that is about to go.
 */
export const probeGrpc = async (
  instance: Instance<unknown>,
  request: Buffer,
  signal: AbortSignal,
): Promise<void> => {
  // Loaded when first needed, so that those who do not ask by gRPC do not load HTTP/2.
  const { connect } = await import("node:http2");
  signal.throwIfAborted();
  const { host, port } = instance;
  const socket = connectSocket({ host, port });
  // The address here is for show, since the connection is given; a scoped IPv6 address would be refused in it.
  const session = connect("http://instance", {
    createConnection: () => socket,
    settings: { enablePush: false },
    // In megabytes; node's least. The default of 10 is for sessions that carry traffic.
    maxSessionMemory: 1,
  });
  // The session alone would wait for a connection that is being made, for minutes if nobody answers.
  const end = (): void => {
    session.destroy();
    socket.destroy();
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      session.on("error", reject);
      session.on("goaway", (code) =>
        reject(failed(`the session ends with code ${code}`)),
      );
      session.on("close", () => reject(failed("the session was closed")));
      const call = session.request({
        ":method": "POST",
        ":authority": `${host.includes(":") ? `[${host}]` : host}:${port}`,
        ":path": "/grpc.health.v1.Health/Check",
        "content-type": "application/grpc",
        te: "trailers",
        "user-agent": "dp-discovery-health",
      });
      const body: Buffer[] = [];
      let length = 0;
      let ending: IncomingHttpHeaders = {};
      call.on("response", (headers) => {
        const status = headers[":status"];
        const type = headers["content-type"] ?? "";
        if (status !== 200) reject(failed(`the answer is HTTP ${status}`));
        else if (!type.startsWith("application/grpc"))
          reject(failed(`the answer is of type ${type || "none"}`));
        // An answer that consists of headers alone has its status there; if that is 0 it lacks its message.
        if (headers["grpc-status"] !== undefined) ending = headers;
      });
      call.on("trailers", (trailers: IncomingHttpHeaders) => {
        ending = trailers;
      });
      call.on("data", (data: Buffer) => {
        body.push(data);
        length += data.length;
        if (length > longestBody)
          reject(failed(`the answer is longer than ${longestBody} bytes`));
      });
      call.on("error", reject);
      call.on("end", () => {
        const refusal = refusalIn(ending);
        if (refusal !== undefined) reject(refusal);
        const status = decodeHealthStatus(Buffer.concat(body));
        if (status === serving) resolve();
        else reject(failed(`the status is ${status ?? "no valid message"}`));
      });
      call.on("close", () => reject(failed("the call was not answered")));
      call.end(request);
    });
  } finally {
    signal.removeEventListener("abort", end);
    end();
  }
};
