import { parseArgs } from "node:util";
import { requireInteger } from "@dp/core";

/** Reads the command line of a benchmark: `--quick` for a first look, `--rounds=<number>` whatever the size. */
export const parseRunSize = <S extends { readonly rounds: number }>(
  commandLine: readonly string[],
  sizes: { readonly full: S; readonly quick: S },
): S => {
  const { values } = parseArgs({
    args: [...commandLine],
    options: { quick: { type: "boolean" }, rounds: { type: "string" } },
  });
  const size = values.quick === true ? sizes.quick : sizes.full;
  const rounds =
    values.rounds === undefined
      ? size.rounds
      : requireInteger("--rounds", Number(values.rounds), 1, 1_000);
  return { ...size, rounds };
};
