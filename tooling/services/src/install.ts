/** Brings the programs named on the command line (`test`, the default, or `bench`) onto this machine. */
import {
  benchBinaries,
  requireBinary,
  servicesSkipped,
  testBinaries,
} from "./binaries.ts";

const wanted = process.argv[2] === "bench" ? benchBinaries : testBinaries;

if (servicesSkipped) {
  console.log("DP_SKIP_SERVICES=1: no server is installed");
} else {
  try {
    for (const name of wanted) await requireBinary(name);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof Error && error.cause instanceof Error)
      console.error(error.cause.message);
    process.exitCode = 1;
  }
}
