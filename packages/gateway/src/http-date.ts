import type { Clock } from "@dp/core";

/** Gives the current time as an HTTP date (RFC 9110 section 5.6.7), made once a second. */
export const httpDate = (clock: Clock): (() => string) => {
  let second = NaN;
  let text = "";
  return () => {
    const now = Math.floor(clock.wallNow() / 1000);
    if (now !== second) {
      second = now;
      text = new Date(now * 1000).toUTCString();
    }
    return text;
  };
};
