import { packageBuild } from "../../tooling/tsup/index.ts";

export default packageBuild({
  index: "src/index.ts",
  etcd: "src/registries/etcd/index.ts",
  consul: "src/registries/consul/index.ts",
  redis: "src/registries/redis/index.ts",
  testing: "src/testing/index.ts",
}) as unknown;
