import type { OutlierDetection } from "./detection.ts";
import {
  resolveOutlierOptions,
  type OutlierOptions,
} from "./outlier-options.ts";
import { lowestRate } from "./success-rate.ts";
import { Tally } from "./tally.ts";

/**
 * Ejects an instance after a run of failures, or because its success rate stands out from the others', for a time that
 * grows with each repeat, and readmits it by the clock alone. Costs a few numbers per instance and no timer. It sees
 * only what this view sends; a health check also sees instances that get no traffic. Failures of an instance while it
 * is ejected (sent before, or in a panic) do not prolong the ejection.
 *
 * Source: gRPC A50 and Envoy's outlier detection, with the ejection time and multiplier of both.
 */
export const outlierDetection = (
  options: OutlierOptions = {},
): OutlierDetection => {
  const resolved = resolveOutlierOptions(options);
  const { maxShare, successRate, intervalMs } = resolved;
  return {
    sweepMs: successRate === undefined ? Infinity : intervalMs,
    account: () => new Tally(resolved),
    mayEject(ejected, serving) {
      // 0.29 * 100 is a hair under 29.
      const share = Math.floor(maxShare * serving + 1e-9);
      return serving >= 2 && ejected < Math.max(1, share);
    },
    outliers(accounts) {
      if (successRate === undefined) return [];
      const rated = accounts.flatMap((account) =>
        account.successRate === undefined
          ? []
          : [{ account, rate: account.successRate }],
      );
      const rates = rated.map(({ rate }) => rate);
      const lowest = lowestRate(rates, successRate);
      return rated
        .filter(({ rate }) => rate < lowest)
        .sort((a, b) => a.rate - b.rate)
        .map(({ account }) => account);
    },
  };
};
