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
  /** One text for each import that breaks a rule; of many cycles only the shortest. */
  readonly violations: readonly string[];
}

/**
 * A file that climbs to a higher floor drags along every file that reaches it. Only those are shown that climb
 * themselves, or through files that stand on no floor.
 */
const startsHere = ({ rule, via }: IViolation): boolean =>
  via === undefined ||
  via.slice(0, -1).every(({ name }) => floorOf(rule.name, name) === undefined);

/** One wrong import can close dozens of cycles; the shortest ones show it. */
const shownCycles = 5;

const shortestCycles = (
  violations: readonly IViolation[],
): readonly IViolation[] => {
  const lengthOf = ({ cycle }: IViolation): number => cycle?.length ?? 0;
  return [
    ...violations.filter(({ cycle }) => cycle === undefined),
    ...violations
      .filter(({ cycle }) => cycle !== undefined)
      .sort((left, right) => lengthOf(left) - lengthOf(right))
      .slice(0, shownCycles),
  ];
};

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
  const violations = shortestCycles(summary.violations.filter(startsHere));
  return {
    files: modules.length,
    violations: violations.map(({ rule, from, to, cycle, via }) => {
      const way = (cycle ?? via)?.map(({ name }) => name) ?? [to];
      return `${rule.name}: ${[from, ...way].join(" -> ")}\n    ${commentOf(rule.name)}`;
    }),
  };
};
