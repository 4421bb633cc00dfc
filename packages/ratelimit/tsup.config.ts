import { packageBuild } from "../../tooling/tsup/index.ts";

export default packageBuild({
  index: "src/index.ts",
  http: "src/http/index.ts",
  postgres: "src/postgres/index.ts",
  redis: "src/redis/index.ts",
  testing: "src/testing/index.ts",
}) as unknown;
