/** An axis: what it shows, and how. */
export interface Axis {
  readonly label: string;
  /** @defaultValue 'linear', from 0 */
  readonly scale?: "linear" | "log" | undefined;
  /** What the axis reaches at least. @defaultValue the largest value */
  readonly max?: number | undefined;
}

interface Labelled {
  readonly title: string;
  /** What the picture shows, in words, for who cannot see it. */
  readonly description: string;
  readonly y: Axis;
}

export interface Line {
  readonly name: string;
  /** In order of x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** For lines that are a measure of the others. */
  readonly dashed?: boolean | undefined;
}

/** How values change with another one. */
export interface LineChart extends Labelled {
  readonly kind: "lines";
  readonly x: Axis;
  readonly lines: readonly Line[];
  /** A stretch of x that is shaded. */
  readonly shaded?:
    | { readonly from: number; readonly to: number; readonly label: string }
    | undefined;
}

/** Values of several things side by side. */
export interface BarChart extends Labelled {
  readonly kind: "bars";
  /** What the bars of each group are, in order. */
  readonly bars: readonly string[];
  readonly groups: readonly {
    readonly name: string;
    readonly values: readonly number[];
  }[];
}

export type Chart = LineChart | BarChart;
