import { parseArgs } from "node:util";
import { check } from "./check.ts";
import { live } from "./live.ts";

const usage = `The demo: a gateway and three services as processes of their own, on loopback.

  main.ts                        runs it until Ctrl-C
  main.ts --check                plays the scenarios and exits 0 only if all hold
      --only <text>              those whose name contains the text
      --seed <integer>           of the random choices in scenarios 7 and 10 to 12, 1 by default
`;

const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

const run = async (): Promise<number> => {
  if (values.help) console.log(usage);
  else if (!values.check) return live();
  else if (!(await check(values.only, Number(values.seed)))) return 1;
  return 0;
};

process.exitCode = await run().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
