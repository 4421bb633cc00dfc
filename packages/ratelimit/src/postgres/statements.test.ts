import { describe, expect, it } from "vitest";
import { Statements } from "./statements.ts";

/** A client that answers each statement in turn, and what it was sent. */
const clientOf = (...answers: readonly (() => unknown)[]) => {
  const sent: unknown[][] = [];
  return {
    sent,
    query: (text: string, values: unknown[]) => {
      const answer = answers[Math.min(sent.length, answers.length - 1)]!;
      sent.push([text, values]);
      return new Promise<{ rows: unknown[] }>((resolve) => {
        resolve({ rows: [{ answer: answer() }] });
      });
    },
  };
};

const failing = (code: string) => () => {
  throw Object.assign(new Error(`failed with ${code}`), { code });
};

describe("statements", () => {
  it("answer with the first column of the first row", async () => {
    const client = clientOf(() => "0;1");
    const statements = new Statements(client, 1_000);
    expect(await statements.run("select $1", ["x"])).toBe("0;1");
    expect(client.sent).toEqual([["select $1", ["x"]]]);
  });

  it.each(["40001", "40P01"])(
    "are sent again when PostgreSQL has undone them: %s",
    async (code) => {
      const client = clientOf(failing(code), failing(code), () => "yes");
      const statements = new Statements(client, 1_000);
      expect(await statements.run("select", [])).toBe("yes");
      expect(client.sent).toHaveLength(3);
    },
  );

  it("are not sent for ever", async () => {
    const client = clientOf(failing("40001"));
    const statements = new Statements(client, 1_000);
    await expect(statements.run("select", [])).rejects.toThrow("40001");
    expect(client.sent).toHaveLength(10);
  });

  it.each(["57P01", "08006", "ECONNRESET", "XX000"])(
    "are not sent again when they may have been carried out: %s",
    async (code) => {
      const client = clientOf(failing(code));
      const statements = new Statements(client, 1_000);
      await expect(statements.run("select", [])).rejects.toThrow(code);
      expect(client.sent).toHaveLength(1);
    },
  );

  it("fail when the answer does not come in time, and are not sent again then", async () => {
    let undo: (() => void) | undefined;
    let count = 0;
    const client = {
      query: () => {
        count++;
        return new Promise<never>((_, reject) => {
          undo = () =>
            reject(Object.assign(new Error("undone"), { code: "40001" }));
        });
      },
    };
    const statements = new Statements(client, 1);
    await expect(statements.run("select", [])).rejects.toMatchObject({
      code: "DP_RATELIMIT_POSTGRES",
      retryable: true,
      message: "DP_RATELIMIT_POSTGRES: PostgreSQL did not answer within 1 ms",
    });
    undo?.();
    await Promise.resolve();
    expect(count).toBe(1);
  });

  it("say what to do when the store is not in the database", async () => {
    const statements = new Statements(clientOf(failing("42883")), 1_000);
    await expect(statements.run("select", [])).rejects.toMatchObject({
      code: "DP_RATELIMIT_POSTGRES",
      cause: { code: "42883" },
    });
  });
});
