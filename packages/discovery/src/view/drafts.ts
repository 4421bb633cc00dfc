import { readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { randomName, type Random } from "@dp/core";

/** No write takes this long: whoever began it was killed. */
const abandonedMs = 3_600_000;

/** Process, number, chance. */
const ending = /^\d+-\d+-[0-9a-f]{16}$/;

/** Views of one process may write the same file. */
let drafts = 0;

/** A path beside `path` that nobody else writes to, in this process or another. */
export const draftOf = (path: string, random: Random): string =>
  `${path}.${process.pid}-${++drafts}-${randomName(random)}`;

/** Removes the drafts of `path` that processes which were killed have left; those that may be in use stay. */
export const removeAbandoned = async (
  path: string,
  wallMs: number,
): Promise<void> => {
  const folder = dirname(path);
  const own = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(own) || !ending.test(name.slice(own.length))) continue;
    const draft = join(folder, name);
    const { mtimeMs } = await stat(draft);
    if (wallMs - mtimeMs > abandonedMs) await rm(draft, { force: true });
  }
};
