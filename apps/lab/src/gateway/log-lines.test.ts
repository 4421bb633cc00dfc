import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requireLines } from "./log-lines.ts";

describe("requireLines", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dp-bench-test-"));
    file = join(folder, "access.log");
    appendFileSync(file, "first\nsecond\n");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("accepts a line for each request", async () => {
    await requireLines(file, 2);
  });

  it("waits for lines that are written late", async () => {
    const checked = requireLines(file, 3);
    appendFileSync(file, "third\n");
    await checked;
  });

  it("does not accept a log that stays short", async () => {
    await expect(requireLines(file, 3)).rejects.toThrow(
      "2 lines for 3 requests",
    );
  });
});
