import { describe, expect, it } from "vitest";
import { parseOptions, usage } from "./options.ts";

const thisFile = import.meta.filename;

describe("parseOptions", () => {
  it("measures every row in eight rounds of two seconds by default", () => {
    expect(parseOptions([])).toEqual({
      rounds: 8,
      seconds: 2,
      only: undefined,
      entry: undefined,
    });
  });

  it("shortens a quick run, and lets explicit numbers win", () => {
    expect(parseOptions(["--quick"])).toMatchObject({ rounds: 2, seconds: 1 });
    expect(parseOptions(["--quick", "--rounds=5"])).toMatchObject({
      rounds: 5,
      seconds: 1,
    });
  });

  it("takes the names of rows and the file of a prototype", () => {
    expect(
      parseOptions(["--only=dp,floor", `--dp-entry=${thisFile}`]),
    ).toMatchObject({ only: ["dp", "floor"], entry: thisFile });
  });

  it("gives no options but help when help is asked for", () => {
    expect(parseOptions(["--help"])).toBeUndefined();
    expect(usage).toContain("--dp-entry");
  });

  it.each([
    ["--rounds=0", "--rounds must be an integer from 1 to 100, got 0"],
    ["--rounds=many", 'integer from 1 to 100, got "many"'],
    ["--seconds=1.5", 'integer from 1 to 600, got "1.5"'],
    ["--seconds=601", "integer from 1 to 600, got 601"],
    ["--seconds=", 'integer from 1 to 600, got ""'],
    ["--only=nginz", "'nginx'"],
    ["--only=", 'got ""'],
    ["--dp-entry=", "--dp-entry must be a string that is not empty"],
    ["--dp-entry=nowhere.ts", "--dp-entry must be a file that exists"],
    ["--fast", "--fast"],
    ["extra", "extra"],
  ])("refuses %s", (argument, message) => {
    expect(() => parseOptions([argument])).toThrow(message);
  });

  it("refuses a row that a prototype does not have", () => {
    expect(() =>
      parseOptions([`--dp-entry=${thisFile}`, "--only=dp-log"]),
    ).toThrow("dp-log");
  });
});
