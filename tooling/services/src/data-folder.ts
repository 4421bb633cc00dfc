import { mkdtempSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const memory = "/dev/shm";

/** A container may have as little as 64 MiB of it, which the first log of etcd fills. */
const enoughBytes = 2 ** 30;

const hasRoom = (folder: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= enoughBytes;
  } catch {
    return false;
  }
};

/**
 * A new empty folder for the data of a server. In memory if asked for and there is room: it outlives the server's
 * process there too, and every `fsync` of tests about something else takes no time.
 */
export const makeDataFolder = (name: string, inMemory: boolean): string => {
  const parent = inMemory && hasRoom(memory) ? memory : tmpdir();
  return mkdtempSync(join(parent, `dp-${name}-`));
};
