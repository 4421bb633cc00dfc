import { packageBuild } from "../../tooling/tsup/index.ts";

export default packageBuild({
  index: "src/index.ts",
  etcd: "src/registries/etcd/index.ts",
  testing: "src/testing/index.ts",
}) as unknown;
