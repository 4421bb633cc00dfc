import { describe, expect, it } from "vitest";
import type { LimiterKind } from "./site-limiter.ts";
import { visit, type Visited } from "./visit.ts";

/** A server whose `/` answers "hello", under a limiter that skips `/free` and whose key fails on `/broken`. */
export interface Site extends AsyncDisposable {
  readonly port: number;
  /** Requests that reached a handler. */
  readonly handled: () => number | Promise<number>;
}

/** What every middleware promises, on the framework's own server. */
export const frameworkSuite = (
  name: string,
  open: (kind: LimiterKind) => Promise<Site>,
): void => {
  describe.each(["answers at once", "answers later"] as const)(
    `${name} with a limiter that %s`,
    (kind) => {
      const expectRefusal = ({ status, headers }: Visited): void => {
        expect(status).toBe(429);
        expect(headers).toMatchObject({
          ratelimit: '"api";r=0;t=30',
          "ratelimit-policy": '"api";q=2;w=60',
          "retry-after": "30",
          "cache-control": "no-store",
        });
        expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
      };

      it("handles what is allowed, tells the limits, and answers the rest itself", async () => {
        await using site = await open(kind);
        const first = await visit(site.port);
        expect(first).toMatchObject({ status: 200, body: "hello" });
        expect(first.headers).toMatchObject({
          ratelimit: '"api";r=1;t=30',
          "ratelimit-policy": '"api";q=2;w=60',
        });
        await visit(site.port);
        const refused = await visit(site.port);
        expectRefusal(refused);
        expect(JSON.parse(refused.body)).toMatchObject({
          status: 429,
          title: "Too many requests",
        });
        expect(await site.handled()).toBe(2);
      });

      it("refuses HEAD without a body, and POST too", async () => {
        await using site = await open(kind);
        for (let count = 0; count < 2; count++) await visit(site.port);
        const head = await visit(site.port, "/", "HEAD");
        expectRefusal(head);
        expect(head.body).toBe("");
        expectRefusal(await visit(site.port, "/", "POST"));
      });

      it("neither counts nor tells the limits of what is skipped", async () => {
        await using site = await open(kind);
        for (let count = 0; count < 4; count++) {
          const { status, headers } = await visit(site.port, "/free");
          expect(status).toBe(200);
          expect(headers).not.toHaveProperty("ratelimit");
        }
      });

      it("gives the framework what a key throws", async () => {
        await using site = await open(kind);
        const { status } = await visit(site.port, "/broken");
        expect(status).toBe(500);
        expect(await site.handled()).toBe(0);
      });
    },
  );

  it(`${name} gets what a limiter rejects with`, async () => {
    await using site = await open("fails later");
    expect((await visit(site.port)).status).toBe(500);
    expect(await site.handled()).toBe(0);
  });
};
