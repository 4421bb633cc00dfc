import type { Exhibit } from "../exhibit.ts";
import { guardNames, stampede, type StampedeFigures } from "./stampede.ts";

const services = [
  { name: "warm after 3 answers", answersToWarm: 3 },
  { name: "warm after 100 answers", answersToWarm: 100 },
];

export const halfOpenStampede = (): Exhibit => {
  const measured = services.flatMap(({ name, answersToWarm }) =>
    guardNames.map((guard) => ({
      service: name,
      guard,
      ...stampede({ seed: 1, guard, answersToWarm }),
    })),
  );
  return {
    name: "half-open-stampede",
    table: [
      [
        "service, guard",
        "most calls at once while cold",
        "falls",
        "s to recover",
      ],
      ...measured.map(({ service, guard, ...figures }) => [
        `${service}, ${guard}`,
        String(figures.mostWhileCold),
        String(figures.falls),
        recovery(figures),
      ]),
    ],
    charts: {
      "stampede-answers": {
        kind: "lines",
        title: "Answers of a service that has come back and has to warm up",
        description:
          "It is warm after 100 answers. Behind three probes and a ramp it serves more and more calls, then all; behind probes alone it falls over each time the circuit closes, and where half-open is not capped it never gives an answer.",
        x: { label: "seconds" },
        y: { label: "answers in a second", max: 1_000 },
        lines: measured
          .filter(({ service }) => service === services[1]?.name)
          .map(({ guard, answers }) => ({
            name: guard,
            points: answers.map((count, second) => [second, count] as const),
          })),
        shaded: { from: 0, to: 12, label: "down" },
      },
    },
  };
};

const recovery = ({ recoverySeconds }: StampedeFigures): string =>
  recoverySeconds === Infinity ? "never" : recoverySeconds.toFixed(1);
