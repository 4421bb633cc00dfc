import {
  resolveOutlierOptions,
  type OutlierOptions,
} from "./outlier-options.ts";
import type { OutlierAccount, OutlierDetection } from "./detection.ts";

/**
 * Ejects an instance after a run of failures, for a time that grows with each repeat, and readmits it by the clock
 * alone. Costs two counters per instance and no timer. It sees only what this view sends; a health check also sees
 * instances that get no traffic. Failures of an instance while it is ejected (sent before, or in a panic) do not
 * prolong the ejection.
 *
 * Source: the consecutive-failures part of Envoy's outlier detection, with its ejection time and multiplier.
 */
export const outlierDetection = (
  options: OutlierOptions = {},
): OutlierDetection => {
  const { consecutive, forMs, maxForMs, maxShare, intervalMs } =
    resolveOutlierOptions(options);
  /** More repeats than this change nothing but how long they take to be forgiven. */
  const mostTimes = forMs === Infinity ? 1 : Math.ceil(maxForMs / forMs);

  const account = (): OutlierAccount => {
    let failures = 0;
    let times = 0;
    let ejectedUntilMs = -Infinity;
    return {
      get ejectedUntilMs() {
        return ejectedUntilMs;
      },
      get failures() {
        return failures;
      },
      success() {
        failures = 0;
      },
      failure(nowMs) {
        if (nowMs < ejectedUntilMs) return false;
        failures++;
        return failures >= consecutive;
      },
      eject(nowMs) {
        if (times > 0) {
          const goodMs = nowMs - ejectedUntilMs;
          times = Math.max(0, times - Math.floor(goodMs / intervalMs));
        }
        times = Math.min(times + 1, mostTimes);
        ejectedUntilMs = nowMs + Math.min(forMs * times, maxForMs);
        failures = 0;
      },
    };
  };

  return {
    account,
    mayEject(ejected, serving) {
      // 0.29 * 100 is a hair under 29.
      const share = Math.floor(maxShare * serving + 1e-9);
      return serving >= 2 && ejected < Math.max(1, share);
    },
  };
};
