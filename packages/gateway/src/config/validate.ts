import {
  Ajv2020,
  type ErrorObject,
  type ValidateFunction,
} from "ajv/dist/2020.js";
import { quote, type ConfigPath, type Finding } from "./finding.ts";
import { nearestName } from "./nearest-name.ts";
import { gatewaySchema } from "./schema.ts";
import type { GatewayConfig } from "./types.ts";

const strictness = {
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
} as const;

let compiled: ValidateFunction<GatewayConfig> | undefined;

/** Everything in which `value` differs from the schema of a configuration; none means that it is one. */
export const validateConfig = (value: unknown): readonly Finding[] => {
  // Compiling takes some milliseconds, which a program that never loads a configuration should not pay.
  compiled ??= new Ajv2020(strictness).compile<GatewayConfig>(gatewaySchema);
  return compiled(value) ? [] : toFindings(compiled.errors, value, []);
};

/**
 * The options of a middleware checked against its own JSON Schema 2020-12, with the schema's defaults filled in.
 * Throws what ajv throws for a schema that is none.
 */
export const validateOptions = (
  schema: object,
  options: Readonly<Record<string, unknown>>,
  at: ConfigPath,
): {
  readonly options: Readonly<Record<string, unknown>>;
  readonly findings: readonly Finding[];
} => {
  const copy = structuredClone(options);
  const validate = new Ajv2020({ ...strictness, useDefaults: true }).compile(
    schema,
  );
  return {
    options: copy,
    findings: validate(copy) ? [] : toFindings(validate.errors, copy, at),
  };
};

const toFindings = (
  errors: readonly ErrorObject[] | null | undefined,
  root: unknown,
  base: ConfigPath,
): Finding[] => {
  const findings = new Map<string, Finding>();
  for (const error of errors ?? []) {
    // The error of the name itself is in the list too.
    if (error.keyword === "propertyNames") continue;
    const at = [...base, ...readPointer(error.instancePath, root)];
    const finding = toFinding(error, at);
    // Several keywords of one place say the same in our words: a wrong type also misses a minimum.
    findings.set(JSON.stringify([finding.at, finding.message]), finding);
  }
  return [...findings.values()];
};

const toFinding = (error: ErrorObject, at: ConfigPath): Finding => {
  const schema = error.parentSchema as {
    readonly title?: string;
    readonly properties?: object;
    /** A secret: what was given instead of it may be one too. */
    readonly writeOnly?: boolean;
  };
  const params = error.params as Readonly<Record<string, unknown>>;
  if (error.keyword === "additionalProperties") {
    const name = String(params["additionalProperty"]);
    const known = Object.keys(schema.properties ?? {});
    return {
      at: [...at, name],
      key: true,
      message: `is unknown; known here: ${known.join(", ") || "nothing"}`,
      nearest: nearestName(name, known),
    };
  }
  if (error.keyword === "required")
    return {
      at: [...at, String(params["missingProperty"])],
      key: true,
      message: "is missing",
    };
  if (error.propertyName !== undefined)
    return {
      at: [...at, error.propertyName],
      key: true,
      message: `must be ${schema.title ?? "another name"}, got ${quote(error.propertyName)}`,
    };
  const given = schema.writeOnly === true ? "another value" : quote(error.data);
  return {
    at,
    message: `${allowedWords(error, schema.title)}, got ${given}`,
    nearest:
      error.keyword === "enum"
        ? nearestName(String(error.data), params["allowedValues"] as string[])
        : undefined,
  };
};

const allowedWords = (
  error: ErrorObject,
  title: string | undefined,
): string => {
  if (title !== undefined) return `must be ${title}`;
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (`${error.keyword} ${String(params["type"])}`) {
    case "type array":
      return "must be a list";
    case "type object":
      return "must be an object";
    case "type string":
      return "must be text";
    case "minItems undefined":
      return `must have at least ${String(params["limit"])} in the list`;
    default:
      return error.message ?? "is not allowed";
  }
};

/** The steps of a JSON pointer into `root`, which tells list positions from keys that look like numbers. */
const readPointer = (pointer: string, root: unknown): ConfigPath => {
  let value = root;
  return pointer
    .split("/")
    .slice(1)
    .map((escaped) => {
      const key = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
      const step = Array.isArray(value) ? Number(key) : key;
      value = (value as Readonly<Record<string | number, unknown>>)[step];
      return step;
    });
};
