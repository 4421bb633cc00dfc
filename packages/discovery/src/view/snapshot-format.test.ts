import { describe, expect, it } from "vitest";
import { instanceOf } from "../../test/scripted-registry.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot-format.ts";

const instances = [
  instanceOf("a", 3, { zone: "z", weight: 0.5, metadata: { v: [1] } }),
  instanceOf("b", 4, { state: "draining", priority: 2 }),
];
const snapshot = { revision: 2n ** 70n, writtenAtMs: 1.5, instances };
const { text } = encodeSnapshot("web", snapshot);

describe("a stored snapshot", () => {
  it("comes back as it was, with revisions of any size", () => {
    expect(decodeSnapshot("web", text)).toEqual(snapshot);
    expect(JSON.parse(text)).toMatchObject({ revision: `${2n ** 70n}` });
  });

  type Change = (file: {
    [name: string]: unknown;
    instances: Record<string, unknown>[];
  }) => void;
  const changes: [string, Change, string][] = [
    ["a foreign file", (file) => delete file["format"], "not a snapshot"],
    ["a newer version", (file) => (file["version"] = 2), "version is 2, not 1"],
    ["another service", (file) => (file["service"] = "x"), "another service"],
    ["no time", (file) => (file["writtenAtMs"] = "soon"), "damaged"],
    ["no list", (file) => (file.instances = {} as never), "damaged"],
    ["a number as revision", (file) => (file["revision"] = 1), "decimal"],
    ["a negative revision", (file) => (file["revision"] = "-1"), "decimal"],
    ["a null instance", (file) => file.instances.push(null!), "not a snap"],
    ["a foreign instance", ({ instances: [a] }) => (a!["service"] = 1), "dam"],
    ["no id", ({ instances: [a] }) => (a!["id"] = ""), "damaged"],
    ["no host", ({ instances: [a] }) => delete a!["host"], "damaged"],
    ["a bad port", ({ instances: [a] }) => (a!["port"] = 0), "damaged"],
    ["no weight", ({ instances: [a] }) => (a!["weight"] = 0), "damaged"],
    ["a bad priority", ({ instances: [a] }) => (a!["priority"] = -1), "dam"],
    ["a bad zone", ({ instances: [a] }) => (a!["zone"] = 7), "damaged"],
    ["a bad state", ({ instances: [a] }) => (a!["state"] = "up"), "damaged"],
  ];
  it.each(changes)("is refused with %s", (_name, change, why) => {
    const file = JSON.parse(text) as Parameters<Change>[0];
    change(file);
    const read = () => decodeSnapshot("web", JSON.stringify(file));
    expect(read).toThrow(why);
    expect(read).toThrow("DP_SNAPSHOT_FILE");
  });

  it("is refused with a weight beyond all numbers, which JSON can write", () => {
    const beyond = text.replace('"weight":0.5', '"weight":1e999');
    expect(beyond).not.toBe(text);
    expect(() => decodeSnapshot("web", beyond)).toThrow("damaged");
  });

  it("is refused wherever it was cut off, or when it is nothing at all", () => {
    for (let end = 0; end < text.length; end += 7)
      expect(() => decodeSnapshot("web", text.slice(0, end))).toThrow("JSON");
    for (const other of ["null", "1", '"x"', "[]", "{}"])
      expect(() => decodeSnapshot("web", other)).toThrow("not a snapshot");
  });

  it("has each id once, the last of it", () => {
    const twice = encodeSnapshot("web", {
      ...snapshot,
      instances: [instanceOf("a", 1), instanceOf("a", 2)],
    });
    expect(decodeSnapshot("web", twice.text).instances).toMatchObject([
      { id: "a", revision: 2n },
    ]);
  });

  it("has metadata that nobody can alter", () => {
    const [a] = decodeSnapshot<{ v: number[] }>("web", text).instances;
    expect(Object.isFrozen(a!.metadata)).toBe(true);
    expect(Object.isFrozen(a!.metadata.v)).toBe(true);
  });

  it("lacks those that JSON cannot carry, and names them", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    const { text: written, leftOut } = encodeSnapshot("web", {
      ...snapshot,
      instances: [
        instanceOf("big", 5, { metadata: { big: 1n } }),
        ...instances,
        instanceOf("cycle", 6, { metadata: cycle }),
      ],
    });
    expect(leftOut).toEqual(["big", "cycle"]);
    expect(decodeSnapshot("web", written)).toEqual(snapshot);
    const nobody = encodeSnapshot("web", { ...snapshot, instances: [] });
    expect(decodeSnapshot("web", nobody.text).instances).toEqual([]);
  });

  it("lacks those with metadata of more than 100 levels when it is read", () => {
    const nested = (levels: number): unknown =>
      JSON.parse("[".repeat(levels) + "]".repeat(levels));
    const { text: written } = encodeSnapshot("web", {
      ...snapshot,
      instances: [
        instanceOf("a", 1, { metadata: { nested: nested(99) } }),
        instanceOf("b", 1, { metadata: { nested: nested(100) } }),
      ],
    });
    const { instances: read } = decodeSnapshot("web", written);
    expect(read.map(({ id }) => id)).toEqual(["a"]);
    const alone = encodeSnapshot("web", {
      ...snapshot,
      instances: [instanceOf("b", 1, { metadata: { nested: nested(100) } })],
    });
    expect(() => decodeSnapshot("web", alone.text)).toThrow("goes too deep");
  });
});
