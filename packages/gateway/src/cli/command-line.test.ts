import { describe, expect, it } from "vitest";
import { parseCommandLine } from "./command-line.ts";

const parse = (line: string): unknown => parseCommandLine(line.split(" "));

describe("a command line", () => {
  it("names a command and its file", () => {
    expect(parse("run g.yaml")).toEqual({ name: "run", file: "g.yaml" });
    expect(parse("check g.yaml")).toEqual({ name: "check", file: "g.yaml" });
    expect(parse("schema")).toEqual({ name: "schema" });
    for (const help of ["help", "--help", "-h", "run --help"])
      expect(parse(help)).toEqual({ name: "help" });
  });

  it("asks about a request with its host and headers", () => {
    expect(
      parseCommandLine([
        "explain",
        "g.yaml",
        "GET",
        "/a?b",
        "--host",
        "x.example",
        "--header",
        "X-One:  1:2 ",
        "--header=x-one: 3",
        "--header",
        "empty:",
      ]),
    ).toEqual({
      name: "explain",
      file: "g.yaml",
      method: "GET",
      path: "/a?b",
      host: "x.example",
      headers: { "x-one": "1:2, 3", empty: "" },
    });
  });

  it.each([
    ["", /no command ""/],
    ["start g.yaml", /no command "start"/],
    ["run", /run needs a file/],
    ["check a b", /check takes one file/],
    ["schema g.yaml", /schema takes no file/],
    ["explain g.yaml GET", /needs a file, a method and a path/],
    ["explain g.yaml GET / more", /takes a file, a method and a path/],
    ["explain g.yaml GET / --header x", /'name: value', got "x"/],
    ["run g.yaml --port 1", /--port/],
    ["run g.yaml --host x", /are for explain/],
  ])("%s is refused with the reason", (line, reason) => {
    expect(parse(line)).toMatch(reason);
  });

  it("without anything is refused", () => {
    expect(parseCommandLine([])).toMatch(/a command is missing/);
  });
});
