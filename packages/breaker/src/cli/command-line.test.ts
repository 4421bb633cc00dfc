import { describe, expect, it } from "vitest";
import { parseCommandLine } from "./command-line.ts";

const parse = (line: string): unknown => parseCommandLine(line.split(" "));

describe("a command line", () => {
  it("names a log, configurations and what to make", () => {
    expect(parse("replay a.ndjson --config b.json")).toEqual({
      name: "replay",
      log: "a.ndjson",
      configs: ["b.json"],
      svg: undefined,
      json: false,
    });
    expect(parse("replay --json --config=b --svg c.svg - --config d")).toEqual({
      name: "replay",
      log: "-",
      configs: ["b", "d"],
      svg: "c.svg",
      json: true,
    });
    for (const help of ["help", "--help", "-h", "replay --help"])
      expect(parse(help)).toEqual({ name: "help" });
  });

  it.each([
    ["", /no command ""/],
    ["play a", /no command "play"/],
    ["replay --config a", /replay needs a log/],
    ["replay a", /needs --config/],
    ["replay a b --config c", /takes one log/],
    ["replay a --config", /--config/],
    ["replay a --confg b", /--confg/],
  ])("%s is refused with the reason", (line, reason) => {
    expect(parse(line)).toMatch(reason);
  });

  it("without anything is refused", () => {
    expect(parseCommandLine([])).toMatch(/a command is missing/);
  });
});
