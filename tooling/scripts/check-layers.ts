/** Who may import whom: no cycle, no arrow outside the rules, no sibling strategies, no way upstairs. */
import { checkLayers } from "./layers/check.ts";
import { root } from "./workspace.ts";

const { files, violations } = await checkLayers(root);
for (const violation of violations) console.log(violation);
console.log(
  `${files} files, ${violations.length || "no"} imports against the rules`,
);
process.exitCode = violations.length > 0 || files === 0 ? 1 : 0;
