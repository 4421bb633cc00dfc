import { packageBuild } from "../../tooling/tsup/index.ts";

export default packageBuild({
  index: "src/index.ts",
  kubernetes: "src/registries/kubernetes/index.ts",
  testing: "src/testing/index.ts",
}) as unknown;
