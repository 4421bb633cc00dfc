import { packageBuild } from "../../tooling/tsup/index.ts";

export default packageBuild({
  index: "src/index.ts",
  cli: "src/cli/main.ts",
}) as unknown;
