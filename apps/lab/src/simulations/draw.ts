/** Runs all simulations, writes their pictures to `pictures/` and prints their figures as the README shows them. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { runAll } from "./exhibits.ts";
import { pictureFolder, picturesOf, tableText } from "./pictures.ts";

const shown = await runAll();
rmSync(pictureFolder, { recursive: true, force: true });
mkdirSync(pictureFolder, { recursive: true });
for (const [name, svg] of picturesOf(shown))
  writeFileSync(new URL(name, pictureFolder), svg);
for (const exhibit of shown)
  process.stdout.write(`${exhibit.name}\n\n${tableText(exhibit)}\n\n`);
