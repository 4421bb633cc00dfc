import { describe, expect, it } from "vitest";
import { fencesIn } from "./fences.ts";
import { programsIn } from "./programs.ts";

const fence = "```";

describe("fencesIn", () => {
  it("finds each block with its language, mark and line", () => {
    const text = `# Title\n\n${fence}ts run\nconst a = 1;\n${fence}\n\n${fence}\nplain\n${fence}\n`;
    expect(fencesIn(text)).toEqual([
      { language: "ts", mark: "run", code: "const a = 1;\n", line: 3 },
      { language: "", mark: "", code: "plain\n", line: 7 },
    ]);
  });

  it("takes a longer fence for one block, whatever it shows", () => {
    const text = `${fence}\`md\n${fence}ts run\n${fence}\n${fence}\`\n`;
    expect(fencesIn(text)).toEqual([
      { language: "md", mark: "", code: `${fence}ts run\n${fence}\n`, line: 1 },
    ]);
  });

  it("removes the indent of a block in a list", () => {
    const text = `1. x\n\n   ${fence}ts\n   if (a)\n     b();\n   ${fence}\n`;
    expect(fencesIn(text)[0]?.code).toBe("if (a)\n  b();\n");
  });
});

describe("programsIn", () => {
  it("takes blocks marked run and types, and no others", () => {
    const text = ["ts run", "ts types", "ts", "js run", "sh"]
      .map((mark) => `${fence}${mark}\n1;\n${fence}\n`)
      .join("\n");
    expect(programsIn("a.md", text)).toEqual([
      { place: "a.md:1", code: "1;\n", runs: true, output: undefined },
      { place: "a.md:5", code: "1;\n", runs: false, output: undefined },
    ]);
  });

  it("takes the output block right after a program as what it prints", () => {
    const text = `${fence}ts run\n1;\n${fence}\nIt prints:\n\n${fence}text output\none\n${fence}\n`;
    expect(programsIn("a.md", text)[0]?.output).toBe("one\n");
  });

  it("takes no output from a block that is not the next", () => {
    const text = `${fence}ts run\n1;\n${fence}\n${fence}sh\nls\n${fence}\n${fence}text output\none\n${fence}\n`;
    expect(programsIn("a.md", text)[0]?.output).toBeUndefined();
  });
});
