import { requireNumber } from "@dp/core";

// So that no sum, product or ratio of weights is too great or too small to count with.
const leastWeight = 1e-9;
const greatestWeight = 1e9;

export const isWeight = (value: unknown): value is number =>
  typeof value === "number" && value >= leastWeight && value <= greatestWeight;

/** Throws `InvalidOptionError` for what is no weight. */
export const requireWeight = (value: unknown): number =>
  requireNumber("weight", value, leastWeight, greatestWeight);
