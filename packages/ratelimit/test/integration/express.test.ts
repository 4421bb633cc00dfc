import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { frameworkSuite } from "./framework-suite.ts";

const file = fileURLToPath(new URL("express-site.ts", import.meta.url));

frameworkSuite("Express", async (kind) => {
  const child = fork(file, [kind], { execArgv: ["--conditions=@dp/source"] });
  const next = async (): Promise<number> =>
    ((await once(child, "message")) as [number])[0];
  return {
    port: await next(),
    handled: () => {
      child.send("handled?");
      return next();
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, "exit");
    },
  };
});
