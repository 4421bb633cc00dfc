import { smoothed } from "../chart/smoothed.ts";
import type { Exhibit } from "../exhibit.ts";
import {
  algorithmNames,
  course,
  overload,
  service,
  type PartFigures,
} from "./overload.ts";

export const adaptiveLimit = async (): Promise<Exhibit> => {
  const measured = [];
  for (const name of algorithmNames)
    measured.push({ name, ...(await overload(name, 1)) });
  return {
    name: "adaptive-limit",
    table: [
      [
        "limit by",
        "limit",
        "while slow",
        "successes/s",
        "while slow",
        "p99 ms",
        "while slow",
      ],
      ...measured.map(({ name, before, slow }) => [
        name,
        ...valuesOf(({ limit }) => limit, before, slow),
        ...valuesOf(({ goodput }) => goodput, before, slow),
        ...valuesOf(({ p99Ms }) => p99Ms, before, slow),
      ]),
    ],
    charts: {
      "adaptive-limits": {
        kind: "lines",
        title: "Calls in flight that each algorithm allows",
        description:
          "The service has ten workers and is overloaded throughout. Vegas stays at about twice the workers, gradient2 climbs to four and five times and halves that while the service is slow, aimd swings around one and a half times.",
        x: { label: "seconds" },
        y: { label: "limit" },
        lines: [
          ...measured
            .filter(({ name }) => name !== "no limit")
            .map(({ name, limits }) => ({ name, points: smoothed(limits, 5) })),
          {
            name: "workers",
            points: [
              [0, service.workers],
              [course.end, service.workers],
            ],
            dashed: true,
          },
        ],
        shaded: {
          from: course.slowFrom,
          to: course.slowTo,
          label: "every call takes twice as long",
        },
      },
    },
  };
};

const valuesOf = (
  value: (figures: PartFigures) => number,
  ...parts: readonly PartFigures[]
): readonly string[] =>
  parts.map((part) => {
    const figure = value(part);
    return Number.isNaN(figure) ? "" : figure.toFixed(0);
  });
