import { Histogram, type MetricFamily, type MetricSample } from "@dp/core";
import type { SagaEvent } from "./events.ts";
import { isFinal, type JournalKind, type SagaState } from "./journal.ts";
import type { RunState } from "./run-state.ts";

/** From a tenth of a second to a day. */
const durationBoundsSeconds: readonly number[] = [
  0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 3_600, 86_400,
];

/** Numbers by the values of their labels. */
class Counts {
  readonly #byLabels = new Map<string, MetricSample & { value: number }>();

  add(labels: Readonly<Record<string, string>>): void {
    const key = Object.values(labels).join("\n");
    const sample = this.#byLabels.get(key);
    if (sample === undefined) this.#byLabels.set(key, { labels, value: 1 });
    else sample.value++;
  }

  samples(): MetricSample[] {
    return Array.from(this.#byLabels.values(), (sample) => ({ ...sample }));
  }
}

const callEnds: Partial<Record<JournalKind, readonly [string, string]>> = {
  ok: ["execute", "ok"],
  err: ["execute", "err"],
  "compensate.ok": ["compensate", "ok"],
  "compensate.err": ["compensate", "err"],
};

/** Counts what an orchestrator did; read by `metrics()`. */
export class SagaTally {
  readonly #entered = new Counts();
  readonly #calls = new Counts();
  readonly #alerts = new Counts();
  readonly #durations = new Map<string, Histogram>();
  #started = new Counts();
  #lost = 0;
  #storeErrors = 0;

  count(event: SagaEvent): void {
    switch (event.kind) {
      case "entry":
        this.#countEntry(event.saga, event.entry, event.state);
        return;
      case "lost":
        this.#lost++;
        return;
      case "store-error":
        this.#storeErrors++;
        return;
      case "log":
    }
  }

  #countEntry(saga: string, entry: JournalKind, state: SagaState): void {
    const call = callEnds[entry];
    if (call !== undefined)
      this.#calls.add({ saga, direction: call[0], outcome: call[1] });
    else if (entry === "started") this.#started.add({ saga });
    else if (entry === "alert") this.#alerts.add({ saga });
    else if (entry === state || entry === "stuck")
      this.#entered.add({ saga, state: entry });
  }

  /** A run of that age has left this worker's hands. */
  observe(saga: string, { state }: RunState, ageMs: number): void {
    if (!isFinal(state)) return;
    let histogram = this.#durations.get(saga);
    if (histogram === undefined) {
      histogram = new Histogram(durationBoundsSeconds);
      this.#durations.set(saga, histogram);
    }
    histogram.observe(ageMs / 1_000);
  }

  metrics(inHand: number): MetricFamily[] {
    return [
      {
        name: "dp_saga_started_total",
        help: "Runs started here.",
        type: "counter",
        samples: this.#started.samples(),
      },
      {
        name: "dp_saga_entered_total",
        help: "Runs that came into a state here: completed, compensated, compensating, stuck, abandoned.",
        type: "counter",
        samples: this.#entered.samples(),
      },
      {
        name: "dp_saga_calls_total",
        help: "Calls of steps by direction and outcome.",
        type: "counter",
        samples: this.#calls.samples(),
      },
      {
        name: "dp_saga_alerts_total",
        help: "Steps past the pivot that used up their attempts, and runs past it that used up their time; they go on.",
        type: "counter",
        samples: this.#alerts.samples(),
      },
      {
        name: "dp_saga_duration_seconds",
        help: "From the start of a run to its end, restarts included, for runs that ended here.",
        type: "histogram",
        samples: Array.from(this.#durations, ([saga, histogram]) =>
          histogram.sample({ saga }),
        ),
      },
      {
        name: "dp_saga_runs_in_hand",
        help: "Runs this worker holds now.",
        type: "gauge",
        samples: [{ labels: {}, value: inHand }],
      },
      {
        name: "dp_saga_lease_lost_total",
        help: "Runs this worker held and had to leave to others.",
        type: "counter",
        samples: [{ labels: {}, value: this.#lost }],
      },
      {
        name: "dp_saga_store_errors_total",
        help: "Store operations that failed; each is repeated.",
        type: "counter",
        samples: [{ labels: {}, value: this.#storeErrors }],
      },
    ];
  }
}
