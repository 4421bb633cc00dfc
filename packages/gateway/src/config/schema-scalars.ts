import type { Duration } from "@dp/core";
import { textSchema, type Schema } from "./json-schema.ts";
import type { Percent, Rate, Size } from "./types.ts";

const durationUnit = "(ms|s|m|h|d)";
const durationTitle =
  "milliseconds or a number with a unit like 250ms, 30s, 5m, 2h, 1d";

/** A duration above 0. */
export const durationSchema: Schema<Duration> = {
  title: `${durationTitle}, above 0`,
  type: ["string", "number"],
  exclusiveMinimum: 0,
  pattern: `^(?=.*[1-9])\\d{1,12}(\\.\\d{1,12})?${durationUnit}$`,
};

/** A duration that may be 0. */
export const delaySchema: Schema<Duration> = {
  title: durationTitle,
  type: ["string", "number"],
  minimum: 0,
  pattern: `^\\d{1,12}(\\.\\d{1,12})?${durationUnit}$`,
};

export const sizeSchema: Schema<Size> = {
  title: "bytes or a number with a unit like 512b, 64kb, 10mb, 1gb",
  type: ["string", "integer"],
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  pattern: "^\\d{1,9}(\\.\\d{1,6})?(b|kb|mb|gb)$",
};

export const rateSchema: Schema<Rate> = textSchema(
  "a rate like 100/s, 600/m, 5000/h or 10000/d",
  "^[1-9]\\d{0,11}/(s|m|h|d)$",
);

/** Above 0 % and at most 100 %. */
export const percentSchema: Schema<Percent> = textSchema(
  "a percentage above 0% and up to 100%, like 50%",
  "^(?=.*[1-9])(100(\\.0+)?|\\d{1,2}(\\.\\d+)?)%$",
);

/** From 0 % to 1000 %: a budget may allow more retries than calls. */
export const budgetSchema: Schema<Percent> = textSchema(
  "a percentage from 0% to 999%, like 20%",
  "^\\d{1,3}(\\.\\d+)?%$",
);

/** Names end up in metrics, logs and admin paths. */
export const nameSchema: Schema<string> = textSchema(
  "a name of at most 63 letters, digits, '.', '_' or '-' that starts with a letter or digit",
  "^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$",
);

/** An HTTP field name (RFC 9110 section 5.1) without `_`, which the gateway never forwards. */
export const fieldNameSchema: Schema<string> = textSchema(
  "a header name: letters, digits and !#$%&'*+-.^`|~, without _",
  "^[!#$%&'*+.^`|~0-9A-Za-z-]+$",
);

/** A field value that can be told from its neighbours: visible ASCII, blanks only inside. */
export const fieldValueSchema: Schema<string> = textSchema(
  "a header value: visible ASCII, blanks only inside",
  "^[!-~]([ -~]*[!-~])?$",
);
