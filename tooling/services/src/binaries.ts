import { accessSync, constants, readdirSync } from "node:fs";
import { join } from "node:path";
import { installPackage } from "./apt.ts";

/** A program the tests and the demo may need, and where it comes from on Debian. */
interface Origin {
  readonly aptPackage: string;
  readonly folders?: () => readonly string[];
}

/** Debian keeps PostgreSQL's server programs off the PATH, one folder per version; the newest comes first. */
const postgresFolders = (): readonly string[] => {
  const root = "/usr/lib/postgresql";
  try {
    return readdirSync(root)
      .sort((left, right) => Number(right) - Number(left))
      .map((version) => join(root, version, "bin"));
  } catch {
    return [];
  }
};

const origins = {
  "redis-server": { aptPackage: "redis-server" },
  etcd: { aptPackage: "etcd-server" },
  postgres: { aptPackage: "postgresql", folders: postgresFolders },
  initdb: { aptPackage: "postgresql", folders: postgresFolders },
  dnsmasq: { aptPackage: "dnsmasq-base", folders: () => ["/usr/sbin"] },
  promtool: { aptPackage: "prometheus" },
  wrk: { aptPackage: "wrk" },
  nginx: { aptPackage: "nginx-light", folders: () => ["/usr/sbin"] },
  haproxy: { aptPackage: "haproxy", folders: () => ["/usr/sbin"] },
} as const satisfies Record<string, Origin>;

export type Binary = keyof typeof origins;

/** What the tests need; the peers of the gateway benchmark are asked for by the benchmark. */
export const testBinaries: readonly Binary[] = [
  "redis-server",
  "etcd",
  "postgres",
  "initdb",
  "dnsmasq",
  "promtool",
];

export const benchBinaries: readonly Binary[] = ["wrk", "nginx", "haproxy"];

/** True when `DP_SKIP_SERVICES=1` asks to go on without real servers; tests that need one skip themselves then. */
export const servicesSkipped: boolean = process.env["DP_SKIP_SERVICES"] === "1";

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The full path of a program on this machine, or undefined. */
export const findBinary = (name: Binary): string | undefined => {
  const origin: Origin = origins[name];
  const path = (process.env["PATH"] ?? "").split(":").filter(Boolean);
  return [...(origin.folders?.() ?? []), ...path]
    .map((folder) => join(folder, name))
    .find(isExecutable);
};

/**
 * The full path of a program, installed with apt when it is missing and this is Debian and root. Throws, saying what
 * to install, when it cannot be had.
 */
export const requireBinary = async (name: Binary): Promise<string> => {
  const found = findBinary(name);
  if (found !== undefined) return found;
  if (servicesSkipped)
    throw new Error(
      `${name} is missing, and DP_SKIP_SERVICES=1 forbids to install it`,
    );
  const { aptPackage } = origins[name];
  await installPackage(aptPackage, name);
  const installed = findBinary(name);
  if (installed === undefined)
    throw new Error(
      `${name} is still missing after installing ${aptPackage}; install it by hand and put it on the PATH.`,
    );
  return installed;
};
