import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";

const policyFile = "/usr/sbin/policy-rc.d";

/** Runs `task` while Debian's packages are kept from starting their daemons; a policy that was there before stays. */
const withoutDaemons = async (task: () => Promise<void>): Promise<void> => {
  if (existsSync(policyFile)) return task();
  const remove = (): void => rmSync(policyFile, { force: true });
  const removeAndExit = (): void => {
    remove();
    process.exit(130);
  };
  writeFileSync(policyFile, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  process.on("SIGINT", removeAndExit).on("SIGTERM", removeAndExit);
  try {
    await task();
  } finally {
    process.off("SIGINT", removeAndExit).off("SIGTERM", removeAndExit);
    remove();
  }
};

const aptGet = (...words: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    // Another apt may be at work, for example for a second test run on the same machine: wait for its lock.
    const child = spawn(
      "apt-get",
      ["-qq", "-o", "DPkg::Lock::Timeout=300", ...words],
      {
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`apt-get ${words.join(" ")} exited ${code}:\n${output}`),
        );
    });
  });

/** Why apt cannot be used here, or undefined. */
const obstacle = (): string | undefined => {
  if (!existsSync("/etc/debian_version")) return "this is not Debian";
  if (process.getuid?.() !== 0) return "this user is not root";
  return undefined;
};

let listsUpdated = false;

/** Installs a Debian package that brings `program`, or throws saying what to do instead. */
export const installPackage = async (
  aptPackage: string,
  program: string,
): Promise<void> => {
  const advice = `Install ${program} (on Debian: apt-get install ${aptPackage})`;
  const reason = obstacle();
  if (reason !== undefined)
    throw new Error(
      `${program} is missing and cannot be installed here: ${reason}. ${advice}, or set DP_SKIP_SERVICES=1 to go on without.`,
    );
  process.stdout.write(`installing ${aptPackage} for ${program}\n`);
  try {
    await withoutDaemons(async () => {
      if (!listsUpdated) await aptGet("update");
      listsUpdated = true;
      await aptGet("install", "-y", "--no-install-recommends", aptPackage);
    });
  } catch (error) {
    throw new Error(
      `${program} is missing and apt could not install it. ${advice}.`,
      { cause: error },
    );
  }
};
