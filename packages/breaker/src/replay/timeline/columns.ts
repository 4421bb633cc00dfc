import { element, length } from "./svg.ts";

/** Where a lane's columns stand: `x` of each time is linear between the edges. */
export interface Frame {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
}

/** Part of the height of one slice, from 0 (bottom) to 1 (top). */
export interface Column {
  readonly from: number;
  readonly to: number;
}

/**
 * The columns of all slices as one path, or none if there is nothing to draw: each as wide as its slice and as high as
 * it says, neighbours of the same height in one piece. `slices` is how many fit into the width, with a fraction for
 * the last.
 */
export const drawColumns = (
  { left, width, top, height }: Frame,
  slices: number,
  columns: readonly Column[],
  fill: string,
): readonly string[] => {
  const bottom = top + height;
  const place = (slice: number): number =>
    left + Math.min(1, slice / slices) * width;
  const pieces: string[] = [];
  let first = 0;
  for (const [index, column] of columns.entries()) {
    const next = columns[index + 1];
    if (next?.from === column.from && next.to === column.to) continue;
    if (column.to > column.from) {
      const [from, to] = [place(first), place(index + 1)];
      const [low, high] = [
        bottom - column.from * height,
        bottom - column.to * height,
      ];
      pieces.push(
        `M${length(from)} ${length(low)}V${length(high)}H${length(to)}V${length(low)}Z`,
      );
    }
    first = index + 1;
  }
  return pieces.length === 0
    ? []
    : [element("path", { d: pieces.join(""), fill })];
};
