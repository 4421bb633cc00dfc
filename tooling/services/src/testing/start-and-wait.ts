/** Starts a Redis, says which one, and waits to be killed. */
import { execFileSync } from "node:child_process";
import { startRedis } from "../redis.ts";

const redis = await startRedis();
const folder = execFileSync("readlink", [`/proc/${redis.pid ?? 0}/cwd`], {
  encoding: "utf8",
});
console.log(JSON.stringify({ pid: redis.pid, folder: folder.trim() }));
process.stdin.resume();
