import { requireBinary } from "./binaries.ts";
import { exchange } from "./exchange.ts";
import { type Server, startServer } from "./server.ts";

/** A question for the name `.`, with the length that goes before a message over TCP. */
const question = Buffer.from(
  "0011000101000001000000000000" + "0000010001",
  "hex",
);

/**
 * A name server that knows the records of `options` (`--srv-host=...`) alone, and the addresses of a hosts file, which
 * it reads again at SIGHUP.
 */
export const startDnsmasq = async (
  hostsFile: string,
  options: readonly string[],
): Promise<Server> =>
  startServer({
    name: "dnsmasq",
    binary: await requireBinary("dnsmasq"),
    commandLine: (port, folder) => [
      ...["--keep-in-foreground", "--conf-file=/dev/null", "--user="],
      ...[`--pid-file=${folder}/pid`, `--port=${port}`],
      ...["--listen-address=127.0.0.1", "--bind-interfaces"],
      ...["--no-resolv", "--no-hosts", `--addn-hosts=${hostsFile}`],
      ...options,
    ],
    url: (port) => `dns://127.0.0.1:${port}`,
    answers: (port) => exchange(port, question, (reply) => reply.length > 12),
  });
