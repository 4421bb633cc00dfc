import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import {
  findDifference,
  findWrongLoad,
  parseAnswer,
  verifyAnswers,
} from "./verify.ts";

const expected = { status: 200, contentType: "text/plain", body: "hello" };
const head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";
const wire = (body: string): string =>
  `${head}Content-Length: ${body.length}\r\n\r\n${body}`;

describe("parseAnswer", () => {
  it("reads status, type and body", () => {
    expect(parseAnswer(wire("hello"))).toEqual(expected);
  });

  it("waits for every byte of head and body", () => {
    const bytes = wire("hello");
    for (let length = 0; length < bytes.length; length += 1)
      expect(parseAnswer(bytes.slice(0, length))).toBeUndefined();
  });

  it("keeps bytes behind the declared end, so that they are seen as wrong", () => {
    const answer = parseAnswer(`${wire("hello")}HTTP/1.1`);
    expect(answer?.body).toBe("helloHTTP/1.1");
  });

  it("refuses an answer that does not declare its length", () => {
    expect(() => parseAnswer(`${head}\r\n`)).toThrow("content-length");
  });
});

describe("findDifference", () => {
  it("finds none between equal answers", () => {
    expect(findDifference({ ...expected }, expected)).toBeUndefined();
  });

  it.each([{ status: 204 }, { contentType: "" }, { body: "hellO" }])(
    "names what differs in %j",
    (change) => {
      const [part = ""] = Object.keys(change);
      expect(findDifference({ ...expected, ...change }, expected)).toContain(
        part,
      );
    },
  );
});

describe("verifyAnswers", () => {
  const serve = async (answer: (served: number) => string) => {
    let served = 0;
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => {
        served += 1;
        const bytes = answer(served);
        if (bytes === "") socket.destroy();
        else socket.write(bytes);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
  };

  it("tells the sizes of the answers", async () => {
    const { url, close } = await serve((served) =>
      wire("hello").replace("OK", served === 7 ? "Okay" : "OK"),
    );
    const size = wire("hello").length;
    expect(await verifyAnswers(url, expected)).toEqual({
      smallest: size,
      largest: size + 2,
    });
    close();
  });

  it("finds the one wrong answer among hundreds", async () => {
    const { url, close } = await serve((served) =>
      wire(served === 300 ? "hallo" : "hello"),
    );
    await expect(verifyAnswers(url, expected)).rejects.toThrow('"hallo"');
    close();
  });

  it("does not accept a connection that closes early", async () => {
    const { url, close } = await serve((served) =>
      served === 100 ? "" : wire("hello"),
    );
    await expect(verifyAnswers(url, expected)).rejects.toThrow();
    close();
  });
});

describe("findWrongLoad", () => {
  const sizes = { smallest: 300, largest: 300 };
  const load = {
    requests: 10_000,
    seconds: 4,
    bytes: 3_000_000,
    p50Ms: 1,
    p99Ms: 2,
    socketErrors: 0,
    refused: 0,
  };

  it("accepts answers of the right size, those on their way included", () => {
    expect(findWrongLoad(load, sizes)).toBeUndefined();
    expect(
      findWrongLoad({ ...load, bytes: 3_000_000 + 64 * 300 }, sizes),
    ).toBeUndefined();
  });

  it.each([
    [{ requests: 0 }, "no request"],
    [{ refused: 1 }, "status of 400"],
    [{ socketErrors: 1 }, "socket errors"],
    [{ bytes: 2_900_000 }, "290.0 bytes"],
    [{ bytes: 3_100_000 }, "310.0 bytes"],
  ])("refuses %j", (change, reason) => {
    expect(findWrongLoad({ ...load, ...change }, sizes)).toContain(reason);
  });
});
