/** A JSON Schema 2020-12 that describes values of type `T`. */
export interface Schema<T> {
  readonly default?: T | undefined;
  readonly [keyword: string]: unknown;
}

type RequiredKeys<T> = {
  [K in keyof T]-?: object extends Pick<T, K> ? never : K;
}[keyof T] &
  string;

/**
 * An object with exactly the keys of `T`: the compiler refuses a schema that misses one, adds one, describes another
 * type, or is wrong about which keys must be there.
 */
export const objectSchema = <T extends object>(
  description: string,
  properties: { readonly [K in keyof T]-?: Schema<NonNullable<T[K]>> },
  required: { readonly [K in RequiredKeys<T>]: true },
): Schema<T> => ({
  type: "object",
  description,
  additionalProperties: false,
  ...(Object.keys(required).length > 0 && { required: Object.keys(required) }),
  properties,
});

/** An object with free names as keys. */
export const mapSchema = <T>(
  description: string,
  names: Schema<string>,
  values: Schema<T>,
): Schema<Readonly<Record<string, T>>> => ({
  type: "object",
  description,
  propertyNames: names,
  additionalProperties: values,
});

export const listSchema = <T>(
  description: string,
  items: Schema<T>,
  minItems = 0,
): Schema<readonly T[]> => ({
  type: "array",
  description,
  items,
  ...(minItems > 0 && { minItems }),
});

/** The same schema where it stands for one key: with that key's words and default. */
export const described = <T>(
  schema: Schema<T>,
  description: string,
  defaultValue?: T,
): Schema<T> => ({
  ...schema,
  description,
  ...(defaultValue !== undefined && { default: defaultValue }),
});

// The titles below say what is allowed in words that follow "must be".

export const textSchema = <T extends string = string>(
  title: string,
  pattern?: string,
): Schema<T> => ({
  type: "string",
  title,
  minLength: 1,
  ...(pattern !== undefined && { pattern }),
});

export const choiceSchema = <const T extends string>(
  choices: readonly T[],
): Schema<T> => ({
  title: `one of ${choices.join(", ")}`,
  type: "string",
  enum: choices,
});

export const integerSchema = (
  minimum: number,
  maximum?: number,
): Schema<number> => ({
  title: `an integer ${maximum === undefined ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`}`,
  type: "integer",
  minimum,
  // Beyond it integers are no longer exact.
  maximum: maximum ?? Number.MAX_SAFE_INTEGER,
});

export const flagSchema: Schema<boolean> = {
  title: "true or false",
  type: "boolean",
};
