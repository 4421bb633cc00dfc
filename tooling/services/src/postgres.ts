import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { requireBinary } from "./binaries.ts";
import { exchange } from "./exchange.ts";
import { givenServer } from "./given-server.ts";
import { type Server, type ServerUser, startServer } from "./server.ts";

const run = promisify(execFile);

/** PostgreSQL refuses to run as root: Debian's own user for it, or the one that owns nothing. */
const unprivilegedUser = (): ServerUser | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const entries = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const entry = ["postgres", "nobody"]
    .map((name) => entries.find(([first]) => first === name))
    .find((found) => found !== undefined);
  if (entry === undefined)
    throw new Error(
      "PostgreSQL does not run as root, and there is no user postgres or nobody to run it as",
    );
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
};

/** A start-up message of protocol 3.0: length, version, then name and value pairs, each ended by a zero byte. */
const startupMessage = (): Buffer => {
  const text = Buffer.from("user\0postgres\0database\0postgres\0\0");
  const message = Buffer.alloc(8 + text.length);
  message.writeInt32BE(message.length, 0);
  message.writeInt32BE(3 << 16, 4);
  text.copy(message, 8);
  return message;
};

/** True once the server's messages (type byte, length, body) include `Z`, ready for query. */
const isReady = (reply: Buffer): boolean => {
  for (let at = 0; at + 5 <= reply.length; at += 1 + reply.readInt32BE(at + 1))
    if (reply[at] === 0x5a) return true;
  return false;
};

/**
 * A PostgreSQL with fsync on and one superuser, `postgres`, trusted on loopback. `DP_POSTGRES_URL` names one to use
 * instead.
 */
export const startPostgres = async (): Promise<Server> => {
  const given = givenServer("DP_POSTGRES_URL");
  if (given !== undefined) return given;
  const binary = await requireBinary("postgres");
  const initdb = await requireBinary("initdb");
  const user = unprivilegedUser();
  const data = (folder: string): string => `${folder}/data`;
  return startServer({
    name: "postgres",
    binary,
    user,
    prepare: async (folder) => {
      const words = ["--pgdata", data(folder), "--username", "postgres"];
      words.push("--auth", "trust", "--encoding", "UTF8", "--no-locale");
      await run(initdb, words, { ...user, cwd: folder });
    },
    commandLine: (port, folder) => [
      ...["-D", data(folder), "-p", String(port), "-h", "127.0.0.1"],
      ...["-c", "unix_socket_directories="],
    ],
    // Fast shutdown: SIGTERM would wait for every client to leave.
    stopSignal: "SIGINT",
    url: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    answers: (port) => exchange(port, startupMessage(), isReady),
  });
};
