/** Where values lie on an axis, as a share of its length, and which of them are written beside it. */
export interface Scale {
  readonly ticks: readonly number[];
  position(value: number): number;
}

/** Steps that people count in. */
const roundSteps = [1, 2, 2.5, 5, 10];

/** From 0 to a round number that is at least `max`, with about five ticks at round numbers. */
export const linearScale = (max: number): Scale => {
  const rough = max / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (roundSteps.find((each) => each * power >= rough) ?? 10);
  const count = Math.ceil(max / step - 1e-9);
  const end = count * step;
  return {
    ticks: Array.from({ length: count + 1 }, (_, tick) => rounded(tick * step)),
    position: (value) => value / end,
  };
};

/** From the power of ten at or below `min` to that at or above `max`, with a tick at each. */
export const logScale = (min: number, max: number): Scale => {
  const low = Math.floor(Math.log10(min) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(max) - 1e-9));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, tick) =>
      rounded(10 ** (low + tick)),
    ),
    position: (value) => Math.max(0, (Math.log10(value) - low) / (high - low)),
  };
};

/** Without the dust of binary fractions: 0.3, not 0.30000000000000004. */
const rounded = (value: number): number => Number(value.toPrecision(12));

/** A number as it is read: 12,500 or 0.25. */
export const numberText = (value: number): string => {
  const [whole = "", fraction] = String(rounded(value)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
};
