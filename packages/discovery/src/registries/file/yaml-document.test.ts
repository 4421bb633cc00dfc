import { describe, expect, it } from "vitest";
import { badFile } from "./document.ts";
import { listedServices } from "./listed-services.ts";
import { readYaml } from "./yaml-document.ts";

/** What the file lists of a service named `a`, or why it is refused, as a person reads it. */
const reading = async (...lines: string[]): Promise<unknown> => {
  try {
    const services = listedServices(await readYaml(lines.join("\n")));
    return Array.from(services.get("a")!.values(), ({ metadata }) => metadata);
  } catch (error) {
    return badFile("f", error).message.replace("DP_BAD_FILE: ", "");
  }
};
const withMetadata = (...lines: string[]) =>
  reading(
    "services:",
    "  a:",
    "  - host: h",
    "    port: 1",
    "    metadata:",
    ...lines.map((line) => `      ${line}`),
  );
const lists = (levels: number, value: string): string =>
  "[".repeat(levels) + value + "]".repeat(levels);

describe("metadata in YAML", () => {
  it("may use anchors, and is what JSON carries of them", async () => {
    const [metadata] = (await withMetadata(
      "one: &one { v: [1, 2.5, true, null, text] }",
      "two: *one",
    )) as unknown[];
    expect(metadata).toEqual(JSON.parse(JSON.stringify(metadata)));
    expect(metadata).toMatchObject({
      two: { v: [1, 2.5, true, null, "text"] },
    });
  });

  it.each([
    ["NaN", ["x: 1", "y: [1, .nan]"], 7, "metadata.y[1]"],
    ["an infinity", ["x: -.inf"], 6, "metadata.x"],
    ["a number beyond all", ["x: 1e999"], 6, "metadata.x"],
  ])("is refused with %s", async (_name, lines, line, place) => {
    expect(await withMetadata(...lines)).toBe(
      `f:${line}: services.a[0].${place} must be a finite number`,
    );
  });

  it.each([
    ["a date", "!!timestamp 2001-01-01"],
    ["bytes", "!!binary aGk="],
    ["a set", "!!set {x, y}"],
    ["what merges maps", "!!merge <<"],
    ["an ordered map", "!!omap [x: 1]"],
  ])("is refused with %s", async (_name, value) => {
    expect(await withMetadata("n: 1", `x: ${value}`)).toBe(
      "f:7: services.a[0].metadata.x must be something JSON can carry",
    );
  });

  it("is refused when it holds itself", async () => {
    const reason = "must not be an alias of what it is a part of";
    expect(await withMetadata("x: &x", "  n: 1", "  y: [1, *x]")).toBe(
      `f:8: services.a[0].metadata.x.y[1] ${reason}`,
    );
    expect(await reading("&all", "services: { a: [*all] }")).toBe(
      `f:2: services.a[0] ${reason}`,
    );
  });

  it("is refused when its aliases make more than 100 levels of it", async () => {
    const grown = (top: number) =>
      withMetadata(
        `x: &x ${lists(40, "1")}`,
        `y: &y ${lists(40, "*x")}`,
        `z: ${lists(top, "*y")}`,
      );
    expect(await grown(19)).toHaveLength(1);
    expect(await grown(20)).toBe(
      "f:6: services.a[0].metadata must be of at most 100 levels",
    );
  });
});

describe("a YAML text", () => {
  it("is refused with the line when it has more levels than 200", async () => {
    expect(await reading("", lists(201, "1"))).toBe(
      "f:2: has more than 200 levels",
    );
    expect(await reading("", lists(20_000, "1"))).toBe(
      "f:2: has more than 200 levels",
    );
  });
});
