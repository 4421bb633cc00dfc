import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A path for a store file in a folder of its own, which is removed after the test. */
export const newPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "dp-saga-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "saga.db");
};
