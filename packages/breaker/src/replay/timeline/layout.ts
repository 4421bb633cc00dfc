import type { Frame } from "./columns.ts";

export const width = 1_200;
export const margin = 24;
/** Where lanes begin; their names stand to the left of it. */
export const left = 220;
export const laneWidth: number = width - margin - left;
export const lanesTop = 100;
export const shareHeight = 72;
export const laneHeight = 28;
export const gap = 14;

// Told apart by how dark they are as well as by hue.
export const colours = {
  closed: "#cfe5d6",
  open: "#b3261e",
  halfOpen: "#f0a500",
  share: "#4a5568",
  text: "#1a202c",
  faint: "#5a6472",
  line: "#d5d9e0",
  background: "#ffffff",
} as const;

export const frameAt = (top: number, height: number): Frame => ({
  ...{ left, width: laneWidth },
  ...{ top, height },
});
