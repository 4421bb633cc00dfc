import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Pair,
} from "yaml";
import type { ConfigProblem } from "../errors.ts";
import type { ConfigPath } from "./finding.ts";

export type SourcePlace = Pick<ConfigProblem, "line" | "column">;

/** A YAML or JSON text taken apart. */
export interface YamlSource {
  /** What the syntax has against the text; nothing else of it can be trusted then, except for keys given twice. */
  readonly faults: readonly ConfigProblem[];
  readonly readable: boolean;
  /** The value, each text of it given to `replace` with its place first. */
  readonly read: (replace: (text: string, at: ConfigPath) => string) => unknown;
  /** Where a key or its value stands; that of the nearest place around for what is not there. */
  readonly placeOf: (at: ConfigPath, key: boolean) => SourcePlace;
}

/** More is no help; a text of brackets gives one for each. */
const mostFaults = 20;

/** Takes a text apart as YAML 1.2 with the core schema, of which JSON is a part: `on` is a word, `<<` is a key. */
export const readYaml = (text: string): YamlSource => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const place = (offset: number): SourcePlace => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const faults = [...document.errors, ...document.warnings]
    .slice(0, mostFaults)
    .map(({ code, message, pos }): ConfigProblem => ({
      path: "",
      ...place(pos[0]),
      message:
        code === "DUPLICATE_KEY"
          ? `has the key ${duplicateAt(document, pos[0])} twice`
          : `is not valid YAML: ${message}${variableHint(text, pos[0])}`,
    }));
  return {
    faults,
    readable: document.errors.every(({ code }) => code === "DUPLICATE_KEY"),
    read: (replace) => {
      replaceTexts(document.contents, [], replace);
      const value: unknown = document.toJS({ maxAliasCount: 100 });
      return value;
    },
    placeOf: (at, key) => {
      const offset = offsetOf(document, at, key);
      return offset === undefined ? {} : place(offset);
    },
  };
};

/** `{ port: ${PORT} }` opens a second map in YAML, which nobody expects. */
const variableHint = (text: string, offset: number): string => {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return text.slice(start, offset + 1).includes("${")
    ? '; inside { } and [ ] write "${NAME}" in quotes'
    : "";
};

const keyOf = (pair: Pair): string =>
  isScalar(pair.key) ? String(pair.key.value) : String(pair.key);

const duplicateAt = (document: Document, offset: number): string => {
  const search = (node: unknown): string | undefined => {
    if (isMap(node))
      for (const pair of node.items) {
        if (startOf(pair.key) === offset) return keyOf(pair);
        const below = search(pair.value);
        if (below !== undefined) return below;
      }
    if (isSeq(node))
      for (const item of node.items) {
        const below = search(item);
        if (below !== undefined) return below;
      }
    return undefined;
  };
  return JSON.stringify(search(document.contents) ?? "?");
};

const startOf = (node: unknown): number | undefined =>
  isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)
    ? node.range?.[0]
    : undefined;

const replaceTexts = (
  node: unknown,
  at: ConfigPath,
  replace: (text: string, at: ConfigPath) => string,
): void => {
  if (isScalar(node)) {
    if (typeof node.value === "string") node.value = replace(node.value, at);
  } else if (isMap(node)) {
    for (const pair of node.items)
      replaceTexts(pair.value, [...at, keyOf(pair)], replace);
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries())
      replaceTexts(item, [...at, index], replace);
  }
};

const offsetOf = (
  document: Document,
  at: ConfigPath,
  key: boolean,
): number | undefined => {
  let node: unknown = document.contents;
  let keyOffset: number | undefined;
  let offset = startOf(node);
  for (const step of at) {
    if (isAlias(node)) node = node.resolve(document);
    let below: unknown;
    if (isMap(node)) {
      // The last one of a key given twice is the one that counts.
      const pair = node.items.findLast((each) => keyOf(each) === String(step));
      if (pair === undefined) return keyOffset ?? offset;
      keyOffset = startOf(pair.key);
      below = pair.value;
    } else if (isSeq(node)) {
      below = node.items[Number(step)];
      keyOffset = startOf(below);
    } else return keyOffset ?? offset;
    node = below;
    offset = startOf(below) ?? keyOffset;
  }
  return key ? (keyOffset ?? offset) : offset;
};
