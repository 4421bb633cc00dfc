import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { MiddlewareSchema } from "./check-middleware.ts";
import { checkConfig } from "./check.ts";
import { toProblems, type ConfigPath, type Finding } from "./finding.ts";
import {
  interpolate,
  typedValues,
  type Substitution,
  type ValueSources,
} from "./interpolate.ts";
import type { GatewayConfig } from "./types.ts";
import { validateConfig } from "./validate.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

/** A configuration read from text. It is checked apart, because its own modules bring the middlewares it may name. */
export interface ConfigSource {
  /** The `modules` it names; those that are no text are left for `check` to report. */
  readonly modules: readonly string[];
  /**
   * The configuration, or {@link ConfigError} with every problem and its line; `more` are those that were found
   * elsewhere.
   */
  readonly check: (
    middleware: readonly MiddlewareSchema[],
    more?: readonly Finding[],
  ) => GatewayConfig;
}

export interface ParseOptions extends ValueSources {
  /** How problems call the text. */
  readonly file?: string | undefined;
}

/** Far above any real configuration, and small enough to be read without a thought. */
const mostBytes = 1024 * 1024;
/** A digest or an address, never a document. */
const mostValueBytes = 64 * 1024;

/**
 * The configuration in a YAML or JSON text. Throws {@link ConfigError} when the text is no YAML at all; all other
 * problems come from `check`, together.
 */
export const parseConfig = (
  text: string,
  options: ParseOptions,
): ConfigSource => {
  const { file } = options;
  const named = (problem: ConfigProblem): ConfigProblem => ({
    ...problem,
    ...(file !== undefined && { file }),
  });
  if (text.length > mostBytes)
    throw new ConfigError([
      named({ path: "", message: `must have at most ${mostBytes} characters` }),
    ]);
  const source = readYaml(text);
  if (!source.readable) throw new ConfigError(source.faults.map(named));
  const { value, findings } = readValue(source, options, named);
  return {
    modules: modulesOf(value),
    check: (middleware, more = []) => {
      const problems = [
        ...source.faults,
        ...toProblems(
          checkConfig(value, middleware, [...findings, ...more]),
          source.placeOf,
        ),
      ]
        .map(named)
        .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
      if (problems.length > 0) throw new ConfigError(problems);
      return value as GatewayConfig;
    },
  };
};

/**
 * Reads a configuration file; its `${NAME}` come from `env`, its `file:` paths are relative to it. Throws
 * {@link ConfigError} when it cannot be read or is no YAML.
 */
export const loadConfig = (
  path: string,
  env: ValueSources["env"],
): ConfigSource => {
  let text: string;
  try {
    text = readBounded(path, mostBytes);
  } catch (error) {
    throw new ConfigError(
      [{ path: "", file: path, message: `cannot be read: ${words(error)}` }],
      { cause: error },
    );
  }
  const folder = dirname(resolve(path));
  return parseConfig(text, {
    file: path,
    env,
    readFile: (name) => readBounded(resolve(folder, name), mostValueBytes),
  });
};

const words = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const readBounded = (path: string, most: number): string => {
  const { size } = statSync(path);
  if (size > most) throw new Error(`'${path}' has more than ${most} bytes`);
  return readFileSync(path, "utf8");
};

const readValue = (
  source: YamlSource,
  options: ValueSources,
  named: (problem: ConfigProblem) => ConfigProblem,
): { readonly value: unknown; readonly findings: readonly Finding[] } => {
  const findings: Finding[] = [];
  const variables: Substitution[] = [];
  const replace = (text: string, at: ConfigPath): string => {
    const result = interpolate(text, options);
    if (result === undefined) return text;
    if ("fault" in result) {
      findings.push({ at, message: result.fault });
      return text;
    }
    if (result.whole) variables.push({ at, text: result.text });
    return result.text;
  };
  let value: unknown;
  try {
    value = source.read(replace);
  } catch (error) {
    // Aliases without an anchor, or more of them than any honest file has.
    throw new ConfigError(
      [named({ path: "", message: `is not valid YAML: ${words(error)}` })],
      { cause: error },
    );
  }
  for (const typed of typedValues(variables, validateConfig(value)))
    put(value, typed.at, typed.value);
  return { value, findings };
};

const put = (root: unknown, at: ConfigPath, value: unknown): void => {
  let parent = root as Record<string | number, unknown>;
  for (const step of at.slice(0, -1))
    parent = parent[step] as Record<string | number, unknown>;
  const last = at.at(-1);
  if (last !== undefined) parent[last] = value;
};

const modulesOf = (value: unknown): string[] => {
  const modules =
    typeof value === "object" && value !== null && "modules" in value
      ? value.modules
      : undefined;
  return Array.isArray(modules)
    ? modules.filter((module) => typeof module === "string")
    : [];
};
