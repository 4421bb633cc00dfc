/** The root folder is the first look at the project: it holds what belongs there and nothing else. */
import { execFileSync } from "node:child_process";
import { root } from "./workspace.ts";

const allowed = [
  ".changeset",
  ".ci",
  ".github",
  ".gitignore",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "apps",
  "eslint.config.js",
  "package.json",
  "packages",
  "pnpm-lock.yaml",
  "pnpm-workspace.yaml",
  "tooling",
  "tsconfig.json",
  "turbo.json",
  "vitest.config.ts",
];

// What git would commit: tracked files and new ones that are not ignored.
const files = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard"],
  { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28 },
);
const entries = new Set(
  files.split("\n").flatMap((file) => file.split("/")[0] || []),
);
const strangers = [...entries].filter((entry) => !allowed.includes(entry));
if (strangers.length > 0) {
  console.log(`not expected in the root folder: ${strangers.join(", ")}`);
  process.exitCode = 1;
} else {
  console.log(`${entries.size} root entries`);
}
