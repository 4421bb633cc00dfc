import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { IForbiddenRuleType } from "dependency-cruiser";
import { arrows, floors, ports } from "./rooms.ts";

const testFile = "(\\.test\\.ts$|/test/)";
const benchFile = "/bench/";
const error = "error" as const;

const noCycles: IForbiddenRuleType = {
  name: "no-cycle",
  comment: "No import cycle of any kind, types included.",
  severity: error,
  from: {},
  to: { circular: true },
};

const resolves: IForbiddenRuleType = {
  name: "import-resolves",
  comment: "Every import leads to a file.",
  severity: error,
  from: {},
  to: { couldNotResolve: true },
};

const packageArrows = (name: string): IForbiddenRuleType => ({
  name: `arrows-of-${name}`,
  comment: `@dp/${name} imports no package but: ${arrows[name]?.join(", ") || "none"}.`,
  severity: error,
  from: { path: `^packages/${name}/` },
  to: {
    path: "^packages/[^/]+/",
    pathNot: [name, ...(arrows[name] ?? [])].map(
      (allowed) => `^packages/${allowed}/`,
    ),
  },
});

const byName: IForbiddenRuleType = {
  name: "packages-by-name",
  comment: "Another package is imported by its name, never by a path.",
  severity: error,
  from: {
    path: "^((?:packages|apps|tooling)/[^/]+)/",
    pathNot: "tsup\\.config\\.ts$",
  },
  to: {
    path: "^(packages|apps|tooling)/",
    pathNot: "^$1/",
    dependencyTypes: ["local"],
  },
};

const noIndex: IForbiddenRuleType = {
  name: "no-index-import",
  comment:
    "Inside a package nothing imports an index.ts, but a test or benchmark of what it exports.",
  severity: error,
  from: {
    path: "^((?:packages|apps)/[^/]+)/",
    pathNot: [testFile, benchFile],
  },
  to: { path: "^$1/.*/index\\.ts$", dependencyTypes: ["local"] },
};

const noAppsOrTooling: IForbiddenRuleType = {
  name: "packages-stand-alone",
  comment: "What is published imports nothing from apps or tooling.",
  severity: error,
  from: { path: "^packages/[^/]+/src/", pathNot: testFile },
  to: { path: "^(apps|tooling)/" },
};

const noTestCode: IForbiddenRuleType = {
  name: "no-test-import",
  comment: "Nothing but a test imports a test.",
  severity: error,
  from: { path: "^(packages|apps)/", pathNot: testFile },
  to: { path: testFile, pathNot: "node_modules" },
};

const portAlone = ([folder, files]: [
  string,
  readonly string[],
]): IForbiddenRuleType => ({
  name: `ports-of-${folder}`,
  comment: `A port imports none of its implementations in ${folder}/.`,
  severity: error,
  from: { path: `^(packages/[^/]+/src)/(${files.join("|")})\\.ts$` },
  to: {
    path: `^$1/${folder}/`,
    pathNot: files.map((file) => `/src/${file}\\.ts$`),
  },
});

const floorRuleName = (name: string): string => `floors-of-${name}`;

/** The floor that a file stands on by the plan of the rule named, counted from the top; undefined when on none. */
export const floorOf = (rule: string, file: string): number | undefined => {
  const entry = Object.entries(floors).find(
    ([name]) => floorRuleName(name) === rule,
  );
  if (entry === undefined) return undefined;
  const [name, plan] = entry;
  const index = plan.findIndex((floor) =>
    new RegExp(`^packages/${name}/src/${floor}`).test(file),
  );
  return index < 0 ? undefined : index;
};

/** The strategies of a folder: the files in it that an entry of the package exports. */
const strategiesIn = (
  root: string,
  directory: string,
  folder: string,
): readonly string[] => {
  const entry = readFileSync(join(root, directory, "src/index.ts"), "utf8");
  const isPort = (file: string): boolean =>
    ports[folder]?.includes(`${folder}/${file}`) === true;
  return [...entry.matchAll(/from "\.\/([\w-]+)\/([\w-]+)\.ts"/g)]
    .flatMap(([, parent, file]) => (parent === folder && file) || [])
    .filter((file) => !isPort(file));
};

const strategiesApart =
  (root: string, directory: string) =>
  (folder: string): readonly IForbiddenRuleType[] => {
    const strategies = [...new Set(strategiesIn(root, directory, folder))];
    if (strategies.length < 2) return [];
    const any = `^${directory}/src/${folder}/(${strategies.join("|")})\\.ts$`;
    return [
      {
        name: "no-sibling-strategy",
        comment: `Strategies in ${directory}/src/${folder} do not know each other.`,
        severity: error,
        from: { path: any },
        to: { path: any },
      },
    ];
  };

/** One rule per floor: its files reach nothing on the floors above. */
const floorRules = ([name, plan]: [
  string,
  readonly string[],
]): readonly IForbiddenRuleType[] => {
  const patterns = plan.map((floor) => `^packages/${name}/src/${floor}`);
  return patterns.slice(1).map((pattern, index) => {
    const above = patterns.slice(0, index + 1);
    return {
      name: floorRuleName(name),
      comment: `No arrow runs upward, not even through other files: ${plan.join("  ->  ")}`,
      severity: error,
      from: { path: pattern, pathNot: [testFile, ...above] },
      to: { path: above, reachable: true },
    };
  });
};

const oneBuilder: IForbiddenRuleType = {
  name: "one-builder",
  comment:
    "config/build is the only file that knows every middleware; others know the port.",
  severity: error,
  from: {
    path: "^packages/gateway/src/",
    pathNot: [testFile, "/src/config/build", "/src/(index\\.ts$|middleware/)"],
  },
  to: {
    path: "^packages/gateway/src/middleware/",
    pathNot: ports["middleware"]?.map((file) => `/src/${file}\\.ts$`) ?? [],
  },
};

/** Every rule about who may import whom. `directories` are the packages to look at, as `packages/core`. */
export const layerRules = (
  root: string,
  directories: readonly string[],
): readonly IForbiddenRuleType[] => [
  noCycles,
  resolves,
  byName,
  noIndex,
  noAppsOrTooling,
  noTestCode,
  oneBuilder,
  ...Object.keys(arrows).map(packageArrows),
  ...Object.entries(ports).map(portAlone),
  ...directories.flatMap((directory) =>
    Object.keys(ports).flatMap(strategiesApart(root, directory)),
  ),
  ...Object.entries(floors).flatMap(floorRules),
];
