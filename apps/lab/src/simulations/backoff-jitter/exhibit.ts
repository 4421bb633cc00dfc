import type { Line } from "../chart/chart.ts";
import { numberText } from "../chart/scale.ts";
import type { Exhibit } from "../exhibit.ts";
import {
  backoffNames,
  meanContention,
  type ContentionFigures,
} from "./contention.ts";

const clientCounts = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

export const backoffJitter = (): Exhibit => {
  const measured = backoffNames.map((name) => ({
    name,
    byClients: new Map(
      clientCounts.map((clients) => [clients, meanContention(name, clients)]),
    ),
  }));
  const linesOf = (value: (figures: ContentionFigures) => number): Line[] =>
    measured.map(({ name, byClients }) => ({
      name,
      points: Array.from(byClients, ([clients, figures]) => [
        clients,
        value(figures),
      ]),
    }));
  const cell = (value: number | undefined): string =>
    numberText(Math.round(value ?? NaN));
  return {
    name: "backoff-jitter",
    table: [
      ["pauses", "calls, N=50", "ms, N=50", "calls, N=100", "ms, N=100"],
      ...measured.map(({ name, byClients }) => [
        name,
        ...[50, 100].flatMap((clients) => {
          const figures = byClients.get(clients);
          return [cell(figures?.calls), cell(figures?.finishedMs)];
        }),
      ]),
    ],
    charts: {
      "backoff-calls": {
        kind: "lines",
        title: "Calls until all clients have written one row",
        description:
          "The more clients, the more calls. No pause needs most, exponential pauses without jitter nearly as many; with jitter it is less than half of that, full jitter least.",
        x: { label: "clients that start at once" },
        y: { label: "calls" },
        lines: linesOf(({ calls }) => calls),
      },
      "backoff-time": {
        kind: "lines",
        title: "Time until all clients have written one row",
        description:
          "Exponential pauses without jitter take ten times as long as those with jitter, because the clients stay in step.",
        x: { label: "clients that start at once" },
        y: { label: "milliseconds", scale: "log" },
        lines: linesOf(({ finishedMs }) => finishedMs),
      },
    },
  };
};
