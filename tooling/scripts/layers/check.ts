import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  cruise,
  type ICruiseResult,
  type IViolation,
} from "dependency-cruiser";
import { floorOf, layerRules } from "./rules.ts";

export interface LayerReport {
  /** How many files were looked at. */
  readonly files: number;
  /** One line for each import that breaks a rule. */
  readonly violations: readonly string[];
}

/**
 * A file that climbs to a higher floor drags along every file that reaches it. Only those are shown that climb
 * themselves, or through files that stand on no floor.
 */
const startsHere = ({ rule, via }: IViolation): boolean =>
  via === undefined ||
  via.slice(0, -1).every(({ name }) => floorOf(rule.name, name) === undefined);

/** Checks every import below `root` (its packages, apps and tooling) against the layer rules. */
export const checkLayers = async (root: string): Promise<LayerReport> => {
  const parents = ["packages", "apps", "tooling"].filter((parent) =>
    existsSync(join(root, parent)),
  );
  const published = parents
    .flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
    )
    .filter((directory) => existsSync(join(root, directory, "src/index.ts")));
  const rules = layerRules(root, published);
  const { output } = await cruise(
    parents,
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...rules] },
      tsPreCompilationDeps: true,
      exclude: { path: "/(node_modules|dist|\\.results)/" },
      enhancedResolveOptions: {
        exportsFields: ["exports"],
        conditionNames: ["@dp/source", "types", "import", "node", "default"],
      },
    },
    {},
  );
  const { modules, summary } = output as ICruiseResult;
  const commentOf = (rule: string): string =>
    rules.find(({ name }) => name === rule)?.comment ?? "";
  return {
    files: modules.length,
    violations: summary.violations
      .filter(startsHere)
      .map(({ rule, from, to, cycle, via }) => {
        const way = (cycle ?? via)?.map(({ name }) => name) ?? [to];
        return `${rule.name}: ${[from, ...way].join(" -> ")}\n    ${commentOf(rule.name)}`;
      }),
  };
};
