import { packageBuild } from "../../tooling/tsup/index.ts";

export default packageBuild({
  index: "src/index.ts",
  sqlite: "src/stores/sqlite.ts",
  testing: "src/testing/index.ts",
}) as unknown;
