import { defineConfig } from "tsup";

/**
 * The build of every published package: ESM plus declarations for the entries named.
 * The banner lets a consumer on target es2022 compile `using` types.
 */
export const packageBuild = (
  entry: Record<string, string>,
): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry,
    format: "esm",
    target: "node22",
    platform: "node",
    sourcemap: true,
    clean: true,
    treeshake: true,
    // Some modules of Node are known by their whole name only: node:sqlite.
    removeNodeProtocol: false,
    tsconfig: "tsconfig.json",
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
  });
