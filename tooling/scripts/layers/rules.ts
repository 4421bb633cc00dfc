import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { IForbiddenRuleType } from "dependency-cruiser";
import { arrows, floors, ports } from "./rooms.ts";

const testFile = "(\\.test\\.ts$|/test/)";
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
  comment: "Inside a package nothing imports an index.ts.",
  severity: error,
  from: { path: "^((?:packages|apps)/[^/]+)/" },
  to: { path: "^$1/.*index\\.ts$", dependencyTypes: ["local"] },
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

const portAlone = ([folder, port]: [string, string]): IForbiddenRuleType => ({
  name: `port-of-${folder}`,
  comment: `The port ${port}.ts imports none of its implementations in ${folder}/.`,
  severity: error,
  from: { path: `^(packages/[^/]+/src)/${port}\\.ts$` },
  to: { path: `^$1/${folder}/` },
});

/** The strategies of a folder: the files in it that an entry of the package exports. */
const strategiesIn = (
  root: string,
  directory: string,
  folder: string,
): readonly string[] => {
  const entry = readFileSync(join(root, directory, "src/index.ts"), "utf8");
  return [...entry.matchAll(/from "\.\/([\w-]+)\/([\w-]+)\.ts"/g)]
    .filter(
      ([, name, file]) =>
        name === folder && `${folder}/${file}` !== ports[folder],
    )
    .flatMap(([, , file]) => file ?? []);
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

/** One rule per floor: its files import nothing from the floors above. */
const floorRules = ([name, plan]: [
  string,
  readonly string[],
]): readonly IForbiddenRuleType[] =>
  plan.slice(1).map((floor, above) => ({
    name: `floors-of-${name}`,
    comment: `No arrow runs upward; above ${floor || "the ground floor"}: ${plan.slice(0, above + 1).join(" > ")}`,
    severity: error,
    from: {
      path: `^packages/${name}/src/(${floor})`,
      pathNot: [
        testFile,
        ...plan
          .slice(0, above + 1)
          .map((higher) => `^packages/${name}/src/(${higher})`),
      ],
    },
    to: {
      path: plan
        .slice(0, above + 1)
        .map((higher) => `^packages/${name}/src/(${higher})`),
    },
  }));

const oneBuilder: IForbiddenRuleType = {
  name: "one-builder",
  comment: "config/build is the only file that knows every middleware.",
  severity: error,
  from: {
    path: "^packages/gateway/src/",
    pathNot: [
      testFile,
      "/src/config/build",
      "/src/index\\.ts$",
      "/src/middleware/",
    ],
  },
  to: {
    path: "^packages/gateway/src/middleware/",
    pathNot: `/src/${ports["middleware"]}\\.ts$`,
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
