import { describe, it } from "vitest";
import { registrySuite } from "../testing/registry-suite.ts";
import { memoryRegistry } from "./memory.ts";

describe("the memory registry as a Registry", () => {
  for (const { name, run } of registrySuite(memoryRegistry)) it(name, run);
});
