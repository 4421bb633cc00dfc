import { smoothed } from "../chart/smoothed.ts";
import { meanOf } from "../distributions.ts";
import type { Exhibit } from "../exhibit.ts";
import { clientKindNames, course, load, outage } from "./outage.ts";

export const metastableOutage = async (): Promise<Exhibit> => {
  const measured = [];
  for (const kind of clientKindNames)
    measured.push({ kind, ...(await outage(kind, 1)) });
  const afterTrigger = (counts: readonly number[]): string =>
    meanOf(counts.slice(course.triggerTo)).toFixed(0);
  return {
    name: "metastable",
    table: [
      [
        "clients",
        "s to recover after the trigger",
        "attempts/s after it",
        "successes/s after it",
      ],
      ...measured.map(({ kind, recoverySeconds, attempts, goodput }) => [
        kind,
        recoverySeconds === Infinity ? "never" : String(recoverySeconds),
        afterTrigger(attempts),
        afterTrigger(goodput),
      ]),
    ],
    charts: {
      "metastable-goodput": {
        kind: "lines",
        title: "A short loss of capacity, and what is left of the service",
        description:
          "For ten seconds the server can do a fifth. All clients get nothing then. With three repeats each they get nothing ever after; without repeats, with a budget or with a breaker the service comes back.",
        x: { label: "seconds" },
        y: { label: "successes in a second" },
        lines: [
          ...measured.map(({ kind, goodput }) => ({
            name: kind,
            points: smoothed(goodput, 4),
          })),
          {
            name: "offered",
            points: [
              [0, load.offered],
              [course.end, load.offered],
            ],
            dashed: true,
          },
        ],
        shaded: {
          from: course.triggerFrom,
          to: course.triggerTo,
          label: "trigger",
        },
      },
    },
  };
};
