/**
 * The root of every error the @dp packages throw.
 *
 * The message starts with the code, because most tools print only the first line. Two copies of a package in one
 * process agree on what an error is: `X.is(value)` compares a symbol brand, not the class object, so prefer it to
 * `instanceof`. A subclass names its brand once, as `static readonly brand = Symbol.for('@dp/…')`; one without a brand
 * of its own is known by its class object only.
 */
export class DpError extends Error {
  /** The symbol shared by every copy of this class. Subclasses define their own. */
  static readonly brand: symbol = Symbol.for("@dp/core.DpError");

  /** Stable and machine-readable; the first word of the message. */
  declare readonly code: `DP_${string}`;
  /** Whether the same call may succeed later without any change by the caller. */
  declare readonly retryable: boolean;

  // Errors are made at the rate of refused calls: what is the same for all of a class is made once (see `leaveMarks`),
  // no field is defined before it is set, and `Error` is shown no options without a cause.
  constructor(
    code: `DP_${string}`,
    message: string,
    options?: ErrorOptions & { retryable?: boolean | undefined },
  ) {
    if (!marked.has(new.target)) leaveMarks(new.target);
    super(
      `${code}: ${message}`,
      options !== undefined && "cause" in options ? options : undefined,
    );
    this.code = code;
    this.retryable = options?.retryable ?? false;
  }

  /** Whether `value` is an error of this class or a subclass, from any copy of the package. */
  static is<T extends DpError>(
    this: abstract new (...args: never[]) => T,
    value: unknown,
  ): value is T {
    if (!Object.hasOwn(this, "brand")) return value instanceof this;
    return (
      typeof value === "object" &&
      value !== null &&
      (this as unknown as typeof DpError).brand in value
    );
  }
}

/** Classes whose prototype has its name and brands. */
const marked = new WeakSet<object>();

/** Names the class, and lets every class on the way up leave its brand: a subclass is also what its parents are. */
const leaveMarks = (target: typeof DpError): void => {
  Object.defineProperty(target.prototype, "name", {
    value: target.name,
    configurable: true,
    writable: true,
  });
  let ancestor: unknown = target;
  while (typeof ancestor === "function" && ancestor !== Error) {
    const { brand } = ancestor as typeof DpError;
    Object.defineProperty(target.prototype, brand, { value: true });
    ancestor = Object.getPrototypeOf(ancestor);
  }
  marked.add(target);
};

/**
 * Thrown by a factory given an option it cannot honour: names the option, the value it got and what is allowed.
 * Nothing was created. Code `DP_INVALID_OPTION`.
 */
export class InvalidOptionError extends DpError {
  static override readonly brand: symbol = Symbol.for(
    "@dp/core.InvalidOptionError",
  );

  declare readonly option: string;
  declare readonly value: unknown;
  /** What would have been accepted, in words: `'an integer from 1 to 1024'`. */
  declare readonly bound: string;

  constructor(option: string, value: unknown, bound: string) {
    super(
      "DP_INVALID_OPTION",
      `${option} must be ${bound}, got ${describe(value)}`,
    );
    this.option = option;
    this.value = value;
    this.bound = bound;
  }
}

const describe = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return JSON.stringify(
        value.length > 80 ? `${value.slice(0, 80)}…` : value,
      );
    case "bigint":
      return `${value.toString()}n`;
    case "number":
    case "boolean":
    case "undefined":
    case "symbol":
      return String(value);
    case "function":
      return "a function";
    case "object":
      return value === null
        ? "null"
        : Array.isArray(value)
          ? `an array of ${value.length}`
          : "an object";
  }
};
