import { Histogram, type MetricFamily, type MetricSample } from "@dp/core";
import type { SagaEvent } from "./events.ts";
import { isFinal, type JournalKind, type SagaState } from "./journal.ts";
import type { RunState } from "./run-state.ts";

/** From a tenth of a second to a day. */
const durationBoundsSeconds: readonly number[] = [
  0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 3_600, 86_400,
];

/** Numbers by saga and one thing more. Counting what was counted before allocates nothing. */
class Counts {
  readonly #bySaga = new Map<string, Map<string, number>>();

  add(saga: string, what: string = ""): void {
    let counts = this.#bySaga.get(saga);
    if (counts === undefined) {
      counts = new Map();
      this.#bySaga.set(saga, counts);
    }
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }

  /** `labelsOf` says in labels what was counted. */
  samples(
    labelsOf: (what: string) => Readonly<Record<string, string>> = () => ({}),
  ): MetricSample[] {
    return Array.from(this.#bySaga).flatMap(([saga, counts]) =>
      Array.from(counts, ([what, value]) => ({
        labels: { saga, ...labelsOf(what) },
        value,
      })),
    );
  }
}

const callEnds: Partial<Record<string, Readonly<Record<string, string>>>> = {
  ok: { direction: "execute", outcome: "ok" },
  err: { direction: "execute", outcome: "err" },
  "compensate.ok": { direction: "compensate", outcome: "ok" },
  "compensate.err": { direction: "compensate", outcome: "err" },
};

/** Entries that are named after the state they begin. */
const states: ReadonlySet<string> = new Set<SagaState>([
  "compensating",
  "stuck",
  "completed",
  "compensated",
  "abandoned",
]);

/** Counts what an orchestrator did; read by `metrics()`. */
export class SagaTally {
  readonly #entered = new Counts();
  readonly #calls = new Counts();
  readonly #alerts = new Counts();
  readonly #durations = new Map<string, Histogram>();
  readonly #started = new Counts();
  #lost = 0;
  #storeErrors = 0;

  count(event: SagaEvent): void {
    switch (event.kind) {
      case "entry":
        this.#countEntry(event.saga, event.entry);
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

  #countEntry(saga: string, entry: JournalKind): void {
    if (callEnds[entry] !== undefined) this.#calls.add(saga, entry);
    else if (entry === "started") this.#started.add(saga);
    else if (entry === "alert") this.#alerts.add(saga);
    else if (states.has(entry)) this.#entered.add(saga, entry);
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
        samples: this.#entered.samples((state) => ({ state })),
      },
      {
        name: "dp_saga_calls_total",
        help: "Calls of steps by direction and outcome.",
        type: "counter",
        samples: this.#calls.samples((entry) => callEnds[entry] ?? {}),
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
