/** Runs all simulations, writes their pictures to `pictures/` and their figures into the tables of the README. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { runAll } from "./exhibits.ts";
import { pictureFolder, picturesOf } from "./pictures.ts";
import { readmeFile, withTables } from "./tables.ts";

const shown = await runAll();
rmSync(pictureFolder, { recursive: true, force: true });
mkdirSync(pictureFolder, { recursive: true });
for (const [name, svg] of picturesOf(shown))
  writeFileSync(new URL(name, pictureFolder), svg);
const readme = readFileSync(readmeFile, "utf8");
writeFileSync(readmeFile, withTables(readme, shown));
