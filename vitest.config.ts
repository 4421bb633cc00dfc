import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Packages resolve to their sources, so tests need no build. Without "import", which would hold for require() too.
const conditions = ["@dp/source", "node"];

// A package's script runs in the package's folder and leaves a report there; a single file run by hand leaves none.
const script = process.env["npm_lifecycle_event"] ?? "";
const isPackageScript = script === "test" || script === "test:alone";
const report = join(process.cwd(), `.results/${script.replace(":", "-")}.json`);

// All packages run their test files with --no-isolate: starting a worker for each took half of the time.

// Tests that kill processes are named *.alone.test.ts and run after all others.
const alone = "**/*.alone.test.ts";

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [script === "test:alone" ? alone : "**/*.test.ts"],
    exclude: [
      "**/node_modules/**",
      "**/dist/**",
      ...(script === "test" ? [alone] : []),
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A busy machine takes longer than the second that is the default.
    expect: { poll: { timeout: 20_000 } },
    allowOnly: false,
    reporters: isPackageScript
      ? ["default", ["json", { outputFile: report }]]
      : ["default"],
  },
});
