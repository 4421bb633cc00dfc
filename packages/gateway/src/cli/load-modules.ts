import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { quote, type Finding } from "../config/finding.ts";
import type { MiddlewareDefinition } from "../middleware/middleware.ts";

/** What a configuration's modules export, and what is wrong with them. */
export interface LoadedModules {
  readonly middleware: readonly MiddlewareDefinition[];
  readonly findings: readonly Finding[];
}

/**
 * Every middleware definition that these ES modules export under any name; paths are relative to the file `from`.
 * A module that cannot be loaded, exports none, or names one a second time is a finding. A process loads a module
 * once: a changed one needs a new process.
 */
export const loadModules = async (
  modules: readonly string[],
  from: string,
): Promise<LoadedModules> => {
  const findings: Finding[] = [];
  const found = new Map<string, MiddlewareDefinition>();
  for (const [index, module] of modules.entries()) {
    const refuse = (message: string): void => {
      findings.push({ at: ["modules", index], message });
    };
    try {
      const url = pathToFileURL(resolve(dirname(from), module)).href;
      const exported = (await import(url)) as Readonly<Record<string, unknown>>;
      // A default export may be a named one too.
      const definitions = [...new Set(Object.values(exported))].filter(
        isDefinition,
      );
      if (definitions.length === 0)
        refuse(
          `must export a middleware definition, got a module without one: ${quote(module)}`,
        );
      for (const definition of definitions)
        if (found.has(definition.name))
          refuse(
            `must not define a middleware a second time, got ${quote(definition.name)}`,
          );
        else found.set(definition.name, definition);
    } catch (error) {
      refuse(
        `must be an ES module that loads: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { middleware: [...found.values()], findings };
};

const isDefinition = (value: unknown): value is MiddlewareDefinition =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  typeof value.name === "string" &&
  "options" in value &&
  typeof value.options === "object" &&
  "create" in value &&
  typeof value.create === "function";
