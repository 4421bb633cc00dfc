import { InvalidOptionError, requireInteger, seededRandom } from "@dp/core";
import { resolveBreakerOptions } from "../options.ts";
import { CallOrder } from "./call-order.ts";
import type { ReplayConfiguration } from "./configuration.ts";
import { Lane } from "./lane.ts";
import { parseLoggedCall, type NumberedCall } from "./logged-call.ts";
import { ReplayLogError } from "./replay-log-error.ts";
import type { ReplayReport } from "./report.ts";
import { Slices } from "./slices.ts";

/** How a {@link replay} runs. */
export interface ReplayOptions {
  /** For the jitter of backoffs. Every configuration begins with it anew. @defaultValue 1 */
  readonly seed?: number | undefined;
}

/**
 * Tells what breakers would have done with the calls of a log: a real breaker for each configuration meets them in
 * virtual time. A call asks for a permit when it began, after the results of the same moment are in; if it gets one it
 * ends when and how the log says, else it is judged by what the log says would have become of it. The same log,
 * configurations and seed give the same report.
 *
 * A log was recorded under the load of all calls. How a service recovers when fewer reach it is not in it: a real
 * breaker may close sooner than the report says, or never open again.
 *
 * `lines` are JSON, one `LoggedCall` each, a call at most 10 000 lines later than the order of beginning asks for; blank
 * ones are skipped. Memory: the calls under way at one moment, 10 000 calls and 1000 openings a configuration. Rejects
 * with `ReplayLogError` for a line that is no call, calls out of order, more than a million under way at one moment and
 * an empty log; with `InvalidOptionError` for a configuration out of bounds and for two of one name.
 */
export const replay = async (
  lines: AsyncIterable<string> | Iterable<string>,
  configurations: readonly ReplayConfiguration[],
  options: ReplayOptions = {},
): Promise<ReplayReport> => {
  const seed = requireInteger("seed", options.seed ?? 1);
  requireConfigurations(configurations);
  const order = new CallOrder();
  let run: Run | undefined;
  const meet = (call: NumberedCall): void =>
    (run ??= new Run(configurations, call.atMs, seed)).meet(call);
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === "") continue;
    const next = order.add(parseLoggedCall(text, line));
    if (next !== undefined) meet(next);
  }
  for (let next = order.next(); next !== undefined; next = order.next())
    meet(next);
  if (run === undefined)
    throw new ReplayLogError(undefined, "the log is empty: it has no call");
  return run.report();
};

const requireConfigurations = (
  configurations: readonly ReplayConfiguration[],
): void => {
  if (configurations.length === 0)
    throw new InvalidOptionError(
      "configurations",
      configurations,
      "at least one configuration",
    );
  const names = new Set<string>();
  for (const [index, configuration] of configurations.entries()) {
    const { name } = resolveBreakerOptions(configuration);
    const option = `configurations[${index}].name`;
    if (names.has(name))
      throw new InvalidOptionError(option, name, "a name of its own");
    names.add(name);
  }
};

/** A replay of a log that has at least one call. */
class Run {
  readonly #fromMs: number;
  readonly #lanes: readonly Lane[];
  readonly #calls: Slices;
  readonly #failures: Slices;
  #callCount = 0;
  #failureCount = 0;
  #toMs = 0;

  constructor(
    configurations: readonly ReplayConfiguration[],
    fromMs: number,
    seed: number,
  ) {
    this.#fromMs = fromMs;
    this.#calls = new Slices(fromMs);
    this.#failures = new Slices(fromMs);
    this.#lanes = configurations.map(
      (configuration) => new Lane(configuration, fromMs, seededRandom(seed)),
    );
  }

  /** The next call in the order of beginning. */
  meet(call: NumberedCall): void {
    const endMs = call.atMs + call.durationMs;
    this.#toMs = Math.max(this.#toMs, endMs);
    this.#callCount++;
    this.#calls.add(endMs, 1);
    if (call.outcome === "failure") {
      this.#failureCount++;
      this.#failures.add(endMs, 1);
    }
    for (const lane of this.#lanes) lane.begin(call);
  }

  report(): ReplayReport {
    const endMs = this.#toMs;
    const { widthMs, amounts } = this.#calls.until(endMs);
    return {
      calls: this.#callCount,
      failures: this.#failureCount,
      fromMs: this.#fromMs,
      toMs: endMs,
      slices: {
        widthMs,
        calls: amounts,
        failures: this.#failures.until(endMs).amounts,
      },
      configurations: this.#lanes.map((lane) => lane.finish(endMs)),
    };
  }
}
