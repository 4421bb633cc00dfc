type NotInJson = ((...words: never[]) => unknown) | symbol;

/**
 * What is left of `T` after `JSON.parse(JSON.stringify(value))`: a `Date` is a string, functions are gone, a `Map` is
 * empty. A `bigint` is `never`, because JSON cannot carry it. Handlers are typed so, because a value must not be a
 * `Date` before a crash and a string after it.
 */
export type Jsonify<T> = 0 extends 1 & T
  ? T
  : unknown extends T
    ? T
    : T extends { toJSON(): infer J }
      ? Jsonify<J>
      : T extends string | number | boolean | null
        ? T
        : T extends undefined
          ? undefined
          : T extends NotInJson | bigint
            ? never
            : T extends readonly unknown[]
              ? { [K in keyof T]: Jsonify<T[K]> }
              : T extends object
                ? {
                    [
                      K in keyof T as K extends symbol
                        ? never
                        : T[K] extends NotInJson
                          ? never
                          : K
                    ]: Jsonify<T[K]>;
                  }
                : undefined;
