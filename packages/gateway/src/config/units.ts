import type { Percent, Rate, Size } from "./types.ts";

// The schema has let only well-formed values through to here.

const bytesOf = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const;
const msOf = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Whole bytes, rounded down. A kb is 1024 bytes. */
export const sizeBytes = (size: Size): number => {
  if (typeof size === "number") return size;
  const unit = size.replace(/^[\d.]+/, "") as keyof typeof bytesOf;
  return Math.floor(parseFloat(size) * bytesOf[unit]);
};

/** `50%` is 0.5. */
export const percentShare = (percent: Percent): number =>
  parseFloat(percent) / 100;

/** `100/s` is 100 in 1000 ms. */
export const rateParts = (
  rate: Rate,
): { readonly limit: number; readonly perMs: number } => {
  const [count = "", unit = ""] = rate.split("/");
  return { limit: Number(count), perMs: msOf[unit as keyof typeof msOf] };
};
