/** A mistake that somebody could make in the package: one place of a file, and what would stand there. */
export interface Fault {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly right: string;
  readonly wrong: string;
}

const algorithms: readonly Fault[] = [
  {
    name: "the remainder between two tokens dropped",
    file: "algorithms/token-bucket.ts",
    right: `      rest += this.#stepRest;`,
    wrong: `      rest += 0;`,
  },
  {
    name: "tokens minted when the clock goes back",
    file: "algorithms/token-bucket.ts",
    right: `    if (arrival < now) {\n      arrival = now;\n      rest = 0;\n    }\n    if (cost === 1) {`,
    wrong: `    if (arrival !== now) {\n      arrival = now;\n      rest = 0;\n    }\n    if (cost === 1) {`,
  },
  {
    name: "a wait that is a unit of time too short",
    file: "algorithms/token-bucket.ts",
    right: `    return lead - room + over;`,
    wrong: `    return lead - room;`,
  },
  {
    name: "a debt without bound",
    file: "algorithms/token-bucket.ts",
    right: `    if (this.#isFar(lead, rest)) {\n      lead = this.#far;`,
    wrong: `    if (this.#isFar(lead, rest) && lead < 0) {\n      lead = this.#far;`,
  },
  {
    name: "the window before not weighed",
    file: "algorithms/sliding-window.ts",
    right: `previous = elapsed < 2 * this.#period ? current : 0;\n      current = 0;`,
    wrong: `previous = 0;\n      current = 0;`,
  },
  {
    name: "a fixed window that forgets what is owed from the one before",
    file: "algorithms/fixed-window.ts",
    right: `over < this.#period ? Math.max(0, used - this.limit) : 0;`,
    wrong: `0;`,
  },
];

const store: readonly Fault[] = [
  {
    name: "a refused decision charges the policies that could take it",
    file: "stores/memory-session.ts",
    right: `    if (commit && refusal === undefined)\n`,
    wrong: `    if (commit)\n`,
  },
  {
    name: "a peek that charges",
    file: "stores/memory-session.ts",
    right: `    if (isReady && commit) policy.charge(`,
    wrong: `    if (isReady) policy.charge(`,
  },
  {
    name: "a throttled key forgotten when the store is full",
    file: "stores/key-table.ts",
    right: `      if (idleAt > now) {\n`,
    wrong: `      if (idleAt > Infinity) {\n`,
  },
  {
    name: "a subject forgotten at a later time starts full",
    file: "stores/key-table.ts",
    right: `policy.start(this.cells, 0, Math.max(now, this.#forgottenAt));`,
    wrong: `policy.start(this.cells, 0, now);`,
  },
  {
    name: "a key that keeps the text it was cut from",
    file: "stores/key-table.ts",
    right: `  text.length < 13 ? text : (JSON.parse(JSON.stringify(text)) as string);`,
    wrong: `  text;`,
  },
  {
    name: "a refund that the store does not notice",
    file: "stores/memory-lookup.ts",
    right: `    else if (amount < 0) table.lowered(row);`,
    wrong: ``,
  },
  {
    name: "limits of subjects' own not looked at",
    file: "stores/memory-lookup.ts",
    right: `    if (own.policy.of === undefined) return subject;`,
    wrong: `    if (own.policy.of !== null) return subject;`,
  },
  {
    name: "a block that a limit hides",
    file: "stores/memory-session.ts",
    right: `      if (isBlocked) refusal = "blocked";`,
    wrong: `      if (isBlocked && isReady) refusal = "blocked";`,
  },
  {
    name: "blocked subjects let through on the short way",
    file: "stores/memory-session.ts",
    right: `policy.of !== undefined || table.blocks.size > 0`,
    wrong: `policy.of !== undefined`,
  },
];

const limiter: readonly Fault[] = [
  {
    name: "a reservation settled twice",
    file: "reservation.ts",
    right: `    isOpen = false;\n`,
    wrong: ``,
  },
  {
    name: "a reservation that is never given back",
    file: "reservation.ts",
    right: `clock.schedule(ttlMs, () =>`,
    wrong: `clock.schedule(1e12, () =>`,
  },
  {
    name: "a large cost overtaken by small ones",
    file: "wait-list.ts",
    right: `    line.waiters.push(waiter);`,
    wrong: `    line.waiters.push(waiter);\n    line.waiters.sort((left, right) => left.cost - right.cost);`,
  },
  {
    name: "one who waits behind others not refused in time",
    file: "wait-list.ts",
    right: `    if (this.#earliestMs(line, waiter) > waiter.endMs) {`,
    wrong: `    if (this.#earliestMs(line, waiter) > Infinity) {`,
  },
  {
    name: "a store's failure that lets everything through",
    file: "store-guard.ts",
    right: `    if (this.#onStoreError === "local") {`,
    wrong: `    if (this.#onStoreError === "closed") {`,
  },
  {
    name: "a lease released by whoever asks",
    file: "leases/memory-leases.ts",
    right: `    const slot = this.#held.get(key)?.get(owner);\n    if (slot !== undefined) this.#drop(slot);`,
    wrong: `    const [slot] = this.#held.get(key)?.values() ?? [];\n    if (slot !== undefined) this.#drop(slot);`,
  },
  {
    name: "a lease held after its end",
    file: "lease.ts",
    right: `    if (sentMs >= endMs) {`,
    wrong: `    if (sentMs > Infinity) {`,
  },
];

const redis: readonly Fault[] = [
  {
    name: "takes sent apart from what else touches their subjects",
    file: "redis/operation-groups.ts",
    right: `  if (isElse) {`,
    wrong: `  if (isElse && takes.size === 0) {`,
  },
  {
    name: "a refusal in the short way read as one by a block that is over",
    file: "redis/takes.ts",
    right: `Math.max(0, untilUs - nowUs)`,
    wrong: `untilUs`,
  },
];

const http: readonly Fault[] = [
  {
    name: "a forwarded address believed from anybody",
    file: "http/client-key.ts",
    right: `ranges.some((range) => inRange(range, hop))`,
    wrong: `(ranges.length > 0 || inRange(ranges[0] as never, hop))`,
  },
  {
    name: "a Retry-After that is too early",
    file: "http/headers.ts",
    right: `String(Math.ceil(decision.retryAfterMs / 1000))`,
    wrong: `String(Math.floor(decision.retryAfterMs / 1000))`,
  },
];

export const faults: readonly Fault[] = [
  ...algorithms,
  ...store,
  ...limiter,
  ...redis,
  ...http,
];
