import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The full path of an installed program, or undefined. Servers live in sbin, which the PATH of a plain user lacks. */
export const findProgram = (name: string): string | undefined =>
  [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    "/usr/local/sbin",
  ]
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isProgram);

/** Like {@link findProgram}, for programs without which nothing can be measured. */
export const requireProgram = (name: string): string => {
  const file = findProgram(name);
  if (file === undefined)
    throw new Error(`${name} is not installed, and nothing runs without it`);
  return file;
};
