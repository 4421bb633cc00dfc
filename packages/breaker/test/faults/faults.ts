/** A mistake that somebody could make in the package: one place of a file, and what would stand there. */
export interface Fault {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly right: string;
  readonly wrong: string;
}

const circuit: readonly Fault[] = [
  {
    name: "a result of another generation counted",
    file: "circuit/circuit.ts",
    right: `if (permit.generation !== lifecycle.generation) {`,
    wrong: `if (permit.generation > lifecycle.generation) {`,
  },
  {
    name: "a success of another generation counted on the short way",
    file: "circuit/circuit.ts",
    right: `if (!lifecycle.passes || generation !== lifecycle.generation) {`,
    wrong: `if (!lifecycle.passes) {`,
  },
  {
    name: "a permit settled twice",
    file: "circuit/issued-permit.ts",
    right: `    if (this.#settled) return;\n`,
    wrong: ``,
  },
  {
    name: "a probe's permit not given back when it is ignored",
    file: "circuit/probes.ts",
    right: `    this.#pending.splice(`,
    wrong: `    if (verdict !== "ignore") this.#pending.splice(`,
  },
  {
    name: "more probes than must succeed",
    file: "circuit/lifecycle.ts",
    right: `return !phase.full;`,
    wrong: `return true;`,
  },
  {
    name: "a lease that never ends",
    file: "circuit/probes.ts",
    right: `oldest === undefined ? Infinity : oldest.issuedAtMs + this.leaseMs`,
    wrong: `Infinity`,
  },
  {
    name: "the end of a break dated to when somebody looked",
    file: "circuit/lifecycle.ts",
    right: `        phase.untilMs,
        reasons.breakOver`,
    wrong: `        now,
        reasons.breakOver`,
  },
  {
    name: "breaks that grow for ever",
    file: "circuit/breaks.ts",
    right: `return Math.max(0, this.#count - forgotten);`,
    wrong: `return this.#count;`,
  },
  {
    name: "a ramp that lets everything through",
    file: "circuit/ramp.ts",
    right: `    this.#credit -= 1;\n`,
    wrong: ``,
  },
  {
    name: "one handle that takes off every isolation",
    file: "circuit/isolations.ts",
    right: `this.#held.delete(isolation) && !this.any;`,
    wrong: `(this.#held.clear(), true);`,
  },
  {
    name: "a restored break that begins anew",
    file: "circuit/snapshot.ts",
    right: `fromJsonMs(remainingMs) - agoMs)`,
    wrong: `fromJsonMs(remainingMs))`,
  },
  {
    name: "a listener's error that reaches the call",
    file: "circuit-breaker.ts",
    right: `createEmitter<BreakerEvent>();`,
    wrong: `{
    all: new Set(),
    on(listener) {
      this.all.add(listener);
      return () => this.all.delete(listener);
    },
    emit(event) {
      for (const listener of this.all) listener(event);
    },
  };`,
  },
  {
    name: "others believed against what was seen here",
    file: "circuit/evidence.ts",
    right: `return agrees ? { counts, others } : undefined;`,
    wrong: `return { counts, others };`,
  },
];

const windows: readonly Fault[] = [
  {
    name: "a window read without letting go of what is old",
    file: "trip/failure-rate.ts",
    right: `    this.#results.advance(now);
    const {`,
    wrong: `    const {`,
  },
  {
    name: "one bucket cleared after an idle time of many",
    file: "window/time-buckets.ts",
    right: `Math.min(this.#buckets, newest - this.#newest)`,
    wrong: `Math.min(1, newest - this.#newest)`,
  },
  {
    name: "a threshold that must be exceeded",
    file: "trip/failure-rate.ts",
    right: `failures / total >= this.#threshold`,
    wrong: `failures / total > this.#threshold`,
  },
  {
    name: "a row of failures that a success does not end",
    file: "trip/consecutive.ts",
    right: `    this.#failures = 0;
    this.#successes = 1;`,
    wrong: `    this.#successes = 1;`,
  },
  {
    name: "a ring that forgets no failure",
    file: "window/ring-counter.ts",
    right: `else if ((bits & bit) !== 0) this.#failures--;`,
    wrong: ``,
  },
  {
    name: "slow calls under way not counted",
    file: "window/flights.ts",
    right: `    this.#overdue++;\n`,
    wrong: ``,
  },
];

const calls: readonly Fault[] = [
  {
    name: "a call that its caller aborted counted as a failure",
    file: "context.ts",
    right: `  if (caller?.aborted === true) return true;\n`,
    wrong: ``,
  },
  {
    name: "one abort for all calls with a timeout",
    file: "run-until.ts",
    right: `  readonly #aborts = new Abort();`,
    wrong: `  static readonly shared = new Abort();
  readonly #aborts = LimitedCall.shared;`,
  },
  {
    name: "the caller's abort told as a timeout",
    file: "run-until.ts",
    right: `this.#giveUp(this.#context.signal.reason);`,
    wrong: `this.expire();`,
  },
  {
    name: "an abort after success",
    file: "run-until.ts",
    right: `    this.#stop();
    this.#resolve(value);`,
    wrong: `    this.#stop();
    this.#aborts.abort(new Error("over"));
    this.#resolve(value);`,
  },
  {
    name: "a timer left behind by a call in time",
    file: "run-until.ts",
    right: `    this.#deadlines.remove(this);\n`,
    wrong: ``,
  },
  {
    name: "a listener left on the caller's signal",
    file: "run-until.ts",
    right: `    unwatchAbort(this.#context, this.#scope, this.#abort);\n`,
    wrong: ``,
  },
  {
    name: "a timeout blamed on the service while this process stood still",
    file: "deadlines.ts",
    right: `if (stalls) deadline.stalledMs += lateMs;`,
    wrong: ``,
  },
  {
    name: "a retry that sleeps past the deadline",
    file: "retry/retry.ts",
    right: `scope.clock.now() + pauseMs >= context.deadlineMs`,
    wrong: `scope.clock.now() >= context.deadlineMs`,
  },
  {
    name: "a pause shorter than the service asks for",
    file: "retry/retry.ts",
    right: `      positive(floorMs),\n`,
    wrong: ``,
  },
  {
    name: "a pause that goes on after the abort",
    file: "pause.ts",
    right: `    watchAbort(context, scope, giveUp);\n`,
    wrong: ``,
  },
  {
    name: "a listener left by a pause",
    file: "pause.ts",
    right: `      unwatchAbort(context, scope, giveUp);\n`,
    wrong: ``,
  },
  {
    name: "a budget that does not count who sleeps",
    file: "retry/retry.ts",
    right: `        repeating = true;
        pauseMs = decided;
        if (outcome.ok) scope.discard?.(outcome.value);
        await pause(pauseMs, context, scope);`,
    wrong: `        budget?.giveBack();
        pauseMs = decided;
        await pause(pauseMs, context, scope);
        budget?.take();
        repeating = true;`,
  },
  {
    name: "a refusal of a circuit repeated",
    file: "classify.ts",
    right: `error.kind === "timeout" ? "failure" : "ignore"`,
    wrong: `"failure"`,
  },
  {
    name: "a delay that is no number",
    file: "backoff/exponential.ts",
    right: `initialMs === 0 ? 0 : Math.min(maxMs, `,
    wrong: `Math.min(maxMs, `,
  },
  {
    name: "a fallback for a caller who has left",
    file: "fallback.ts",
    right: `      if (isUnwanted(scopeOf(context))) throw error;\n`,
    wrong: ``,
  },
  {
    name: "the slower run of a hedged call counted as a failure",
    file: "hedge/hedged-call.ts",
    right: `      interest.lost = lost;\n`,
    wrong: ``,
  },
  {
    name: "a listener left by a hedged call",
    file: "hedge/hedged-call.ts",
    right: `    unwatchAbort(this.#context, this.#scope, this.#abort);\n`,
    wrong: ``,
  },
  {
    name: "a listener left by a shared run",
    file: "coalesce.ts",
    right: `      joined.stop();\n`,
    wrong: ``,
  },
  {
    name: "a shared run aborted when its first caller leaves",
    file: "coalesce.ts",
    right: `if (this.#joined.size === 0) this`,
    wrong: `this`,
  },
];

const load: readonly Fault[] = [
  {
    name: "a free place that a newcomer can take before who waits",
    file: "bulkhead/bulkhead.ts",
    right: `    this.#queue.remove(waiter);
    waiter.enter();`,
    wrong: `    this.#inFlight--;
    queueMicrotask(() => {
      if (this.#inFlight === this.#max || waiter !== this.#queue.first) return;
      this.#inFlight++;
      this.#queue.remove(waiter);
      waiter.enter();
    });`,
  },
  {
    name: "a place in the queue kept by one who has left",
    file: "bulkhead/bulkhead.ts",
    right: `          this.#queue.remove(waiter);
          if (!isTooLong)`,
    wrong: `          if (!isTooLong)`,
  },
  {
    name: "a refusal after a wait that an abort repeats",
    file: "bulkhead/waiter.ts",
    right: `    this.#stop();
    this.#leave(true);`,
    wrong: `    this.#leave(true);`,
  },
  {
    name: "a wait that goes on after the abort",
    file: "bulkhead/waiter.ts",
    right: `    this.#stop();
    this.#leave(false);`,
    wrong: `    this.#leave(false);`,
  },
  {
    name: "a throttle that forgets what it refused itself",
    file: "throttle/throttle.ts",
    right: `      this.#refused++;\n`,
    wrong: `      this.#refused++;
      this.#window.removeFirst(bucket);\n`,
  },
  {
    name: "a throttle without a cap",
    file: "throttle/throttle.ts",
    right: `Math.min(this.#maxReject, Math.max(0, share))`,
    wrong: `Math.max(0, share)`,
  },
  {
    name: "a failure taken for an answer by the limit",
    file: "concurrency-limit.ts",
    right: `verdict !== "success";
    if`,
    wrong: `false;
    if`,
  },
  {
    name: "the time of a drop learned as the usual one",
    file: "concurrency/gradient2.ts",
    right: `    if (dropped) {
      this.#approach(0.5 * this.limit);
      return;
    }\n`,
    wrong: ``,
  },
  {
    name: "an open circuit displaced by a new key",
    file: "keyed/keyed.ts",
    right: `(policy) => policy.isIdle?.() ?? true,`,
    wrong: `() => true,`,
  },
  {
    name: "a default of the registry undone by an undefined option",
    file: "registry.ts",
    right: `...definedOf(own),`,
    wrong: `...own,`,
  },
  {
    name: "an open circuit displaced by a new name",
    file: "registry.ts",
    right: `({ state }: CircuitBreaker) => state === "closed",`,
    wrong: `() => true,`,
  },
];

export const faults: readonly Fault[] = [
  ...circuit,
  ...windows,
  ...calls,
  ...load,
];
