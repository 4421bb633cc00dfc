/** Which members of a priority a tier has; `all`: zones make no difference. */
export type TierPart = "all" | "own zone" | "other zones";
