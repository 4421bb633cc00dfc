import { DpError } from "@dp/core";
import type * as Yaml from "yaml";
import {
  DocumentFault,
  tooManyLevels,
  type Document,
  type Path,
} from "./document.ts";
import { requireJsonValues } from "./json-values.ts";

/** The optional peer. Rejects with `DP_MISSING_PACKAGE` without it. */
export const importYaml = async (
  load: () => Promise<typeof Yaml> = () => import("yaml"),
): Promise<typeof Yaml> => {
  try {
    return await load();
  } catch (cause) {
    throw new DpError(
      "DP_MISSING_PACKAGE",
      'reading YAML needs the package "yaml": npm install yaml',
      { cause },
    );
  }
};

/**
 * Takes a YAML 1.2 text apart, with the optional peer `yaml`. Rejects with `DocumentFault`, with the line, for what is
 * none, holds more than JSON can or has more than 200 levels, and with `DP_MISSING_PACKAGE` without the peer.
 */
export const readYaml = async (text: string): Promise<Document> => {
  const { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } =
    await importYaml();
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const lineOfOffset = (offset: number): number => lines.linePos(offset).line;
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined)
    throw new DocumentFault(
      fault.code === "RESOURCE_EXHAUSTION"
        ? tooManyLevels
        : `is not valid YAML: ${fault.message}`,
      lineOfOffset(fault.pos[0]),
    );
  const startOf = (node: unknown): number | undefined =>
    isNode(node) ? node.range?.[0] : undefined;
  const read: Document = {
    value: document.toJS({ maxAliasCount: 100 }),
    lineOf: (path: Path, key: boolean) => {
      let node: unknown = document.contents;
      let offset = startOf(node) ?? 0;
      let keyOffset = offset;
      for (const step of path) {
        if (isMap(node)) {
          const pair = node.items.find(
            (each) => isScalar(each.key) && String(each.key.value) === step,
          );
          if (pair === undefined) break;
          keyOffset = startOf(pair.key) ?? offset;
          node = pair.value;
        } else if (isSeq(node)) {
          node = node.items[Number(step)];
          keyOffset = startOf(node) ?? offset;
        } else break;
        offset = startOf(node) ?? keyOffset;
      }
      return lineOfOffset(key ? keyOffset : offset);
    },
  };
  requireJsonValues(read);
  return read;
};
