import type { Exhibit } from "../exhibit.ts";
import { subsetting, wayNames } from "./subsetting.ts";

const places = [
  { clients: 100, instances: 100 },
  { clients: 70, instances: 30 },
  { clients: 10, instances: 12 },
];

export const subsettings = async (): Promise<Exhibit> => {
  const measured = [];
  for (const { clients, instances } of places)
    for (const name of wayNames)
      measured.push({
        name: `${clients} on ${instances}, ${name}`,
        way: name,
        ...(await subsetting(name, clients, instances, 2)),
      });
  return {
    name: "subsetting",
    table: [
      [
        "clients on instances, five each",
        "least load",
        "most load",
        "least clients",
        "most clients",
        "new ones a client when one leaves",
      ],
      ...measured.map(({ name, users, loads, opened }) => [
        name,
        Math.min(...loads).toFixed(2),
        Math.max(...loads).toFixed(2),
        String(Math.min(...users)),
        String(Math.max(...users)),
        opened.toFixed(2),
      ]),
    ],
    charts: {
      subsetting: {
        kind: "lines",
        title: "Clients of each of 100 instances, 100 clients that use 5 each",
        description:
          "When each client draws its own five, the most used instance has eleven clients and the least used one; slices side by side give each exactly five.",
        x: { label: "instances, the most used first" },
        y: { label: "clients" },
        lines: measured.slice(0, 2).map(({ way, users }) => ({
          name: way,
          points: users
            .toSorted((left, right) => right - left)
            .map((count, index) => [index + 1, count] as const),
        })),
      },
    },
  };
};
