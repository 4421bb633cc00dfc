import { numberText } from "../chart/scale.ts";
import type { Exhibit } from "../exhibit.ts";
import {
  contenderNames,
  unevenServers,
  type ContenderName,
  type UnevenFigures,
} from "./uneven-servers.ts";

const loads = [0.5, 0.65, 0.75, 0.85, 0.95];

export const unevenServerTails = async (): Promise<Exhibit> => {
  const measured: { name: ContenderName; figures: UnevenFigures[] }[] = [];
  for (const name of contenderNames) {
    const figures: UnevenFigures[] = [];
    for (const load of loads) figures.push(await unevenServers(name, load));
    measured.push({ name, figures });
  }
  const at = (
    figures: readonly UnevenFigures[],
    load: number,
    key: "p99Ms" | "p999Ms" | "weakShare",
  ): number => figures[loads.indexOf(load)]?.[key] ?? NaN;
  return {
    name: "uneven-servers",
    table: [
      [
        "balancer",
        "p99 ms at 50 %",
        "at 75 %",
        "at 95 %",
        "p99.9 ms at 50 %",
        "at 75 %",
        "at 95 %",
        "to weak ones at 95 %",
      ],
      ...measured.map(({ name, figures }) => [
        name,
        ...[0.5, 0.75, 0.95].map((load) =>
          numberText(Math.round(at(figures, load, "p99Ms"))),
        ),
        ...[0.5, 0.75, 0.95].map((load) =>
          numberText(Math.round(at(figures, load, "p999Ms"))),
        ),
        `${(at(figures, 0.95, "weakShare") * 100).toFixed(1)} %`,
      ]),
    ],
    charts: {
      "uneven-servers": {
        kind: "lines",
        title:
          "99th percentile of latency, a fifth of the servers half as fast",
        description:
          "In equal turns the tail takes seconds from 65 % of the load on that all servers can bear together. With the load and the latency that servers tell when probed, prequal stays at half a second up to 85 % and comes to 0.6 s at 95 %; powerOfTwo, of which each client sees a tenth of the load, rises to a second.",
        x: { label: "load, as a share of what all can do", max: 1 },
        y: { label: "ms, 99th percentile", scale: "log" },
        lines: measured.map(({ name, figures }) => ({
          name,
          points: figures.map(
            ({ p99Ms }, place) => [loads[place] ?? NaN, p99Ms] as const,
          ),
        })),
      },
    },
  };
};
