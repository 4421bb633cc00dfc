import { ManualClock } from "@dp/core/testing";
import { describe, expect, it } from "vitest";
import { tokenBucket } from "../algorithms/token-bucket.ts";
import { createLimiter } from "../create-limiter.ts";
import type { AnyLimiter } from "./admission.ts";
import { rateLimit } from "./connect.ts";

const ann = { method: "GET", headers: {}, socket: { remoteAddress: "::1" } };

const limiterOf = (limit: number, name = "api") =>
  createLimiter({
    policies: { [name]: tokenBucket({ limit, per: "1m" }) },
    clock: new ManualClock(),
  });

class Response {
  statusCode = 200;
  ended: string | undefined | false = false;
  readonly headers = new Map<string, string>();
  getHeader(name: string): string | undefined {
    return this.headers.get(name);
  }
  setHeader(name: string, value: string): unknown {
    return this.headers.set(name, value);
  }
  end(body?: string): void {
    this.ended = body;
  }
}

/** What `next` was called with, and the response. */
const visit = (
  middleware: ReturnType<typeof rateLimit>,
  request = ann,
  response = new Response(),
) => {
  const nexts: unknown[] = [];
  middleware(request, response, (error) => nexts.push(error));
  return { nexts, response };
};

describe("rateLimit", () => {
  it("goes on in the same turn when the limiter can answer at once", () => {
    const { nexts, response } = visit(rateLimit(limiterOf(2)));
    expect(nexts).toEqual([undefined]);
    expect(response.headers.get("RateLimit")).toBe('"api";r=1;t=30');
  });

  it("adds its limits to those of the middlewares before it", () => {
    const { response } = visit(rateLimit(limiterOf(2, "all")));
    const { nexts } = visit(rateLimit(limiterOf(1, "search")), ann, response);
    expect(nexts).toEqual([undefined]);
    expect(response.headers.get("RateLimit")).toBe(
      '"all";r=1;t=30, "search";r=0;t=60',
    );
    expect(response.headers.get("RateLimit-Policy")).toBe(
      '"all";q=2;w=60, "search";q=1;w=60',
    );
  });

  it("answers a refused request itself, without a body to HEAD", () => {
    const middleware = rateLimit(limiterOf(1));
    visit(middleware);
    const { nexts, response } = visit(middleware);
    expect(nexts).toEqual([]);
    expect(response.statusCode).toBe(429);
    expect(response.ended).toContain("#quota-exceeded");
    const head = visit(middleware, { ...ann, method: "HEAD" }).response;
    expect(head.statusCode).toBe(429);
    expect(head.ended).toBeUndefined();
  });

  it("passes a limiter's error on, thrown or rejected, once", async () => {
    const error = new Error("no store");
    const throwing: AnyLimiter<"api"> = {
      take: () => Promise.reject(error),
      takeSync: () => {
        throw error;
      },
    };
    expect(visit(rateLimit(throwing)).nexts).toEqual([error]);
    const rejecting: AnyLimiter<"api"> = { take: () => Promise.reject(error) };
    const response = new Response();
    const passedOn = await new Promise((next) =>
      rateLimit(rejecting)(ann, response, next),
    );
    expect(passedOn).toBe(error);
    expect(response.ended).toBe(false);
  });

  it("lets nobody on when a limiter rejects with nothing", async () => {
    const middleware = rateLimit({
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what this is about
      take: () => Promise.reject(undefined),
    });
    const passedOn = await new Promise((next) =>
      middleware(ann, new Response(), next),
    );
    expect(passedOn).toBeInstanceOf(Error);
  });

  it("passes on what its functions throw", () => {
    const error = new Error("nobody is signed in");
    const fail = (): never => {
      throw error;
    };
    for (const options of [{ key: fail }, { cost: fail }, { skip: fail }])
      expect(visit(rateLimit(limiterOf(1), options)).nexts).toEqual([error]);
  });

  it("passes on that the response has begun already", () => {
    const error = new Error("headers sent");
    class Begun extends Response {
      override setHeader(): never {
        throw error;
      }
    }
    const response = new Begun();
    const { nexts } = visit(rateLimit(limiterOf(1)), ann, response);
    expect(nexts).toEqual([error]);
  });

  it("leaves an error of the handlers alone", () => {
    const middleware = rateLimit(limiterOf(1));
    let calls = 0;
    expect(() => {
      middleware(ann, new Response(), () => {
        calls++;
        throw new Error("the handler's own");
      });
    }).toThrow("the handler's own");
    expect(calls).toBe(1);
  });
});
