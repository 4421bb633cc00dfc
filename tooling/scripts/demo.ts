/** `pnpm demo`: builds what the demo needs and becomes the demo, so that signals and the exit code are the demo's own. */
import { buildFor, become } from "./run-app.ts";

buildFor("@dp/demo");
become("apps/demo/src/main.ts", process.argv.slice(2));
