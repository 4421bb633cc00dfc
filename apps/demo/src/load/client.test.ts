import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { listenOnLoopback } from "../listen.ts";
import { ClientConnection, type Outcome } from "./client.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A connection to a server that does this with each request's bytes. */
const connected = async (
  answer: (socket: Socket, text: string) => void,
): Promise<ClientConnection> => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => answer(socket, bytes.toString()));
  });
  const port = await listenOnLoopback(server, 0);
  closing.push(() => server.close());
  const connection = await ClientConnection.connect(port);
  closing.push(() => connection.close());
  return connection;
};
const send = (connection: ClientConnection): Promise<Outcome> =>
  connection.send({
    method: "GET",
    target: "/a",
    fields: { x: "1" },
    body: "",
  });

const good = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

describe("a client connection", () => {
  it("sends a request and reads the answer, again and again", async () => {
    const requests: string[] = [];
    const connection = await connected((socket, text) => {
      requests.push(text);
      socket.write(good);
    });
    for (let call = 0; call < 3; call++)
      expect(await send(connection)).toMatchObject({ kind: "answered" });
    expect(connection.usable).toBe(true);
    expect(requests).toEqual(
      Array(3).fill("GET /a HTTP/1.1\r\nhost: demo\r\nx: 1\r\n\r\n"),
    );
  });

  it.each([
    ["before the answer", ""],
    ["in the head", good.slice(0, 20)],
    ["before the declared end", good.slice(0, -1)],
    [
      "in a chunked body",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
    ],
  ])("sees a connection that ends %s as cut", async (_, text) => {
    const connection = await connected((socket) => socket.end(text));
    expect(await send(connection)).toEqual({ kind: "cut" });
    expect(connection.usable).toBe(false);
  });

  it("sees a reset as cut", async () => {
    const connection = await connected((socket) => socket.resetAndDestroy());
    expect(await send(connection)).toEqual({ kind: "cut" });
  });

  it("does not use a connection that the server will close", async () => {
    const connection = await connected((socket) =>
      socket.write(good.replace("OK\r\n", "OK\r\nconnection: close\r\n")),
    );
    expect(await send(connection)).toMatchObject({ kind: "answered" });
    expect(connection.usable).toBe(false);
    expect(await send(connection)).toEqual({ kind: "cut" });
  });

  it("takes more than was asked for as malformed", async () => {
    const connection = await connected((socket) => socket.write(good + good));
    expect(await send(connection)).toEqual({
      kind: "malformed",
      why: `${good.length} bytes after the answer's end`,
    });
  });

  it("rejects when nobody listens", async () => {
    const server = createServer();
    const port = await listenOnLoopback(server, 0);
    await new Promise((resolve) => server.close(resolve));
    await expect(ClientConnection.connect(port)).rejects.toThrow();
  });
});
