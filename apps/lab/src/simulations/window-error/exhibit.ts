import type { Line } from "../chart/chart.ts";
import type { Exhibit } from "../exhibit.ts";
import { patternNames, type PatternName } from "./arrivals.ts";
import {
  algorithmNames,
  loads,
  margin,
  windowErrors,
  type AlgorithmName,
  type WindowErrors,
} from "./errors.ts";

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
const clearly = `by over ${margin * 100} %`;

export const windowErrorTable = (): Exhibit => {
  const measured = patternNames.flatMap((pattern) =>
    loads.map((load) => {
      const of = (algorithm: AlgorithmName): WindowErrors =>
        windowErrors(algorithm, pattern, load, 1);
      return {
        pattern,
        load,
        sliding: of("sliding window"),
        fixed: of("fixed window"),
        bucket: of("token bucket"),
        log: of("sliding log"),
      };
    }),
  );
  const linesOf = (
    suffix: string,
    value: (errors: WindowErrors) => number,
    dashed: boolean,
  ): Line[] =>
    patternNames.map((name) => ({
      name: `${name}${suffix}`,
      points: measured
        .filter(({ pattern }) => pattern === name)
        .map(({ load, sliding }) => [load, value(sliding) * 100]),
      dashed,
    }));
  const mostOf = (pattern: PatternName): number[] => {
    const rows = measured.filter((row) => row.pattern === pattern);
    return (["sliding", "fixed", "bucket", "log"] as const).map((name) =>
      Math.max(...rows.map((row) => row[name].most)),
    );
  };
  return {
    name: "window-error",
    table: [
      [
        "calls, of the limit",
        "wrongly allowed",
        "wrongly refused",
        clearly,
        "count off by",
        "most",
        "fixed window",
        "most",
        "token bucket",
        "most",
      ],
      ...measured.map(({ pattern, load, sliding, fixed, bucket }) => [
        `${pattern}, ${load} x`,
        percent(sliding.wronglyAllowed),
        percent(sliding.wronglyRefused),
        percent(sliding.clearlyWrong),
        percent(sliding.countError),
        sliding.most.toFixed(2),
        percent(fixed.wronglyAllowed),
        fixed.most.toFixed(2),
        percent(bucket.wronglyAllowed),
        bucket.most.toFixed(2),
      ]),
    ],
    charts: {
      "window-errors": {
        kind: "lines",
        title: "Calls that the sliding window counter decides wrong",
        description:
          "None at half the limit when calls come independently (Poisson); the more calls above the limit, the more are refused for want of one place. Only bursts make it wrong by more than 15 % of the limit in more than one call of four hundred.",
        x: { label: "calls, as a multiple of the limit" },
        y: { label: "% of calls" },
        lines: [
          ...linesOf(
            "",
            ({ wronglyAllowed, wronglyRefused }) =>
              wronglyAllowed + wronglyRefused,
            false,
          ),
          ...linesOf(`, ${clearly}`, ({ clearlyWrong }) => clearlyWrong, true),
        ],
      },
      "window-most": {
        kind: "bars",
        title: "Most calls allowed in any one period",
        description:
          "The log never allows more than the limit. The sliding window stays within a fifth above it unless calls come in bursts; fixed windows and token buckets go up to twice the limit.",
        y: { label: "multiple of the limit", max: 2 },
        bars: algorithmNames,
        groups: patternNames.map((name) => ({ name, values: mostOf(name) })),
      },
    },
  };
};
