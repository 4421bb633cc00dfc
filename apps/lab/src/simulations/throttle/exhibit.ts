import type { Exhibit } from "../exhibit.ts";
import { capacity, demand, overload } from "./overload.ts";
import { endSeconds, outageSeconds, recovery } from "./recovery.ts";

const factors = [1.1, 1.5, 2, 3];

const caps = [
  { name: "no cap", maxReject: 1 },
  { name: "cap 0.9", maxReject: 0.9 },
  { name: "cap 0.8", maxReject: 0.8 },
];

export const adaptiveThrottle = async (): Promise<Exhibit> => {
  const overloads = [];
  for (const k of factors) overloads.push({ k, ...(await overload(k, 1)) });
  const recoveries = [];
  for (const { name, maxReject } of caps)
    recoveries.push({ name, ...(await recovery(maxReject, 1)) });
  return {
    name: "throttle",
    table: [
      ["throttle", "sent/s", "accepted/s", "s to recover after an outage"],
      ...overloads.map(({ k, sent, accepted }) => [
        `k = ${k}`,
        sent.toFixed(0),
        accepted.toFixed(0),
        "",
      ]),
      ...recoveries.map(({ name, seconds }) => [
        `k = 2, ${name}`,
        "",
        "",
        String(seconds),
      ]),
    ],
    charts: {
      "throttle-overload": {
        kind: "bars",
        title: `${demand} calls/s for a service that accepts ${capacity}/s`,
        description:
          "The clients send k times what is accepted; the service accepts as much as it can whatever k is.",
        y: { label: "calls in a second", max: demand },
        bars: ["sent", "accepted"],
        groups: overloads.map(({ k, sent, accepted }) => ({
          name: `k = ${k}`,
          values: [Math.round(sent), Math.round(accepted)],
        })),
      },
      "throttle-recovery": {
        kind: "lines",
        title: "Share of calls held back during and after a total outage",
        description:
          "During the outage the share rises to its cap. Afterwards it falls to nothing in about 200 seconds with a cap of 0.9, sooner with 0.8, and in more than 600 seconds without a cap.",
        x: { label: "seconds", max: endSeconds },
        y: { label: "share held back" },
        lines: recoveries.map(({ name, shares }) => ({
          name,
          points: shares,
        })),
        shaded: { from: 0, to: outageSeconds, label: "outage" },
      },
    },
  };
};
