import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findBinary, requireBinary, servicesSkipped } from "./binaries.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dp-binaries-"));
  vi.stubEnv("PATH", `/nonexistent:${folder}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe("findBinary", () => {
  it("finds a program on the PATH", () => {
    writeFileSync(join(folder, "wrk"), "", { mode: 0o755 });
    expect(findBinary("wrk")).toBe(join(folder, "wrk"));
  });

  it("passes over a file that cannot be executed", () => {
    writeFileSync(join(folder, "wrk"), "", { mode: 0o644 });
    expect(findBinary("wrk")).toBeUndefined();
  });
});

describe.skipIf(servicesSkipped)("requireBinary", () => {
  it("says what to install when it may not install it itself", async () => {
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    await expect(requireBinary("wrk")).rejects.toThrow(
      /wrk is missing.*apt-get install wrk.*DP_SKIP_SERVICES=1/,
    );
  });
});
