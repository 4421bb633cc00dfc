import { concurrencyLimit, pipeline, timeout } from "@dp/breaker";
import { seededRandom } from "@dp/core";
import { Timeline } from "../timeline.ts";
import { algorithms, type AlgorithmName } from "./overload.ts";

export interface HangingOptions {
  readonly algorithm: Exclude<AlgorithmName, "no limit">;
  /** Whether a timeout is taken for an answer that took as long, which it is not. */
  readonly countsAsAnswer: boolean;
}

const timeoutMs = 400;

/**
 * The limit after half a minute in which no call was answered and as many as the limit allows were under way all the time.
 * Every call takes exactly as long as its timeout, which looks like a service that is slow but steady.
 */
export const limitAfterHanging = async ({
  algorithm,
  countsAsAnswer,
}: HangingOptions): Promise<number> => {
  const timeline = new Timeline();
  const random = seededRandom(1);
  const limit = concurrencyLimit(algorithms[algorithm](random));
  const guard = pipeline(
    {
      clock: timeline,
      random,
      ...(countsAsAnswer ? { classify: () => "success" as const } : {}),
    },
    limit,
    timeout(timeoutMs),
  );
  const fill = (): void => {
    while (limit.inFlight < limit.limit)
      void guard.try(() => new Promise<never>(() => undefined));
    timeline.schedule(timeoutMs / 4, fill);
  };
  fill();
  await timeline.runAsync(30_000);
  return limit.limit;
};
