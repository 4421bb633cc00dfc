/** Runs the code of every README against the built packages and compares what it prints with what the README says. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPrograms } from "./readme/check.ts";
import { programsIn } from "./readme/programs.ts";
import { publishedPackages, root } from "./workspace.ts";

const required = publishedPackages().map(
  ({ directory }) => `${directory}/README.md`,
);
const files = [...required, "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"];
const present = files.filter((file) => existsSync(join(root, file)));
const programs = present.flatMap((file) =>
  programsIn(file, readFileSync(join(root, file), "utf8")),
);

const bare = required.filter(
  (file) =>
    !programs.some(({ place, runs }) => runs && place.startsWith(`${file}:`)),
);
const faults = [
  ...bare.map((file) => `${file} has no program to run (a block \`ts run\`)`),
  // Inside this package, whose dependencies are the packages the READMEs speak of.
  ...(await checkPrograms(
    programs,
    join(import.meta.dirname, ".results/readme"),
  )),
];
for (const fault of faults) console.log(fault);
console.log(
  `${programs.length} blocks in ${present.length} files, ${faults.length} faults`,
);
process.exitCode = faults.length > 0 ? 1 : 0;
