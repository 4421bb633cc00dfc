// The floor: bytes from one socket to another, nothing read, nothing checked.
// Whatever a proxy on node:net costs beyond this is its own work.
import { connect, createServer } from "node:net";
import { listenPort, upstreamPort } from "./ports.ts";

createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port: upstreamPort, host: "127.0.0.1" });
  upstream.setNoDelay(true);
  client.on("data", (chunk) => upstream.write(chunk));
  upstream.on("data", (chunk) => client.write(chunk));
  client.on("error", () => upstream.destroy());
  upstream.on("error", () => client.destroy());
  client.on("close", () => upstream.destroy());
  upstream.on("close", () => client.destroy());
}).listen(listenPort, "127.0.0.1");
