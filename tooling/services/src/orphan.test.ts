import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { servicesSkipped } from "./binaries.ts";
import { isAlive } from "./testing/processes.ts";
import { waitUntil } from "./wait-until.ts";

const program = join(import.meta.dirname, "testing/start-and-wait.ts");

const startParent = async (): Promise<{
  readonly parent: ReturnType<typeof spawn>;
  readonly pid: number;
  readonly folder: string;
}> => {
  const parent = spawn(process.execPath, [program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: parent.stdout }))
    return {
      parent,
      ...(JSON.parse(line) as { pid: number; folder: string }),
    };
  throw new Error("the parent ended without starting a server");
};

describe.skipIf(servicesSkipped)("a server whose parent ends", () => {
  it.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
    "by %s is gone soon after, and so is its data",
    async (signal) => {
      const { parent, pid, folder } = await startParent();
      expect(isAlive(pid)).toBe(true);
      expect(existsSync(folder)).toBe(true);
      parent.kill(signal);
      await waitUntil("the server's end", 10_000, () =>
        Promise.resolve(!isAlive(pid) && !existsSync(folder)),
      );
    },
  );

  it("by running out of work is gone soon after, and so is its data", async () => {
    const { parent, pid, folder } = await startParent();
    parent.stdin?.end();
    await waitUntil("the server's end", 10_000, () =>
      Promise.resolve(!isAlive(pid) && !existsSync(folder)),
    );
    expect(parent.exitCode).toBe(0);
  });
});
