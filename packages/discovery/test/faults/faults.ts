/** A mistake that somebody could make in the package: one place of a file, what would stand there, who has to see it. */
export interface Fault {
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly right: string;
  readonly wrong: string;
  /** The test that has to find it, below the package. */
  readonly test: string;
}

const balancing: readonly Fault[] = [
  {
    name: "a pair that may be one instance twice",
    file: "balancers/two-choices.ts",
    right: "    if (second >= first) second++;",
    wrong: "    if (second > first) second++;",
    test: "src/balancers/power-of-two.test.ts",
  },
  {
    name: "a bound without the request to be placed",
    file: "balancers/bounded-load.ts",
    right: "(factor * (inFlight + 1) * seat.weight) / weightSum",
    wrong: "(factor * inFlight * seat.weight) / weightSum",
    test: "src/balancers/bounded-load.test.ts",
  },
  {
    name: "nodes that take a turn in the order in which it was planned",
    file: "balancers/maglev-table.ts",
    right: "        return nodes.sort((a, b) => a - b);",
    wrong: "        return nodes;",
    test: "src/balancers/maglev-table.test.ts",
  },
  {
    name: "nodes of a table in the order of a locale",
    file: "balancers/sorted-candidates.ts",
    right: "(arrived[a] as string) < (arrived[b] as string) ? -1 : 1",
    wrong: "(arrived[a] as string).localeCompare(arrived[b] as string)",
    test: "src/balancers/maglev.test.ts",
  },
  {
    name: "a latency that forgets its peak",
    file: "balancers/peak-ewma.ts",
    right: "    if (slowestMs < this.#peakNow(seat)) return;",
    wrong: "",
    test: "src/balancers/peak-ewma.test.ts",
  },
  {
    name: "failures that cost nothing",
    file: "balancers/peak-ewma.ts",
    right: "      addDebt(seat, nowMs);\n",
    wrong: "",
    test: "src/balancers/peak-ewma.test.ts",
  },
  {
    name: "an instance that fails taken for a fast one",
    file: "balancers/prequal.ts",
    right: "new ProbePool<PrequalSeat>(poolSize, isFailing)",
    wrong: "new ProbePool<PrequalSeat>(poolSize, () => false)",
    test: "src/balancers/prequal.test.ts",
  },
  {
    name: "credits that shrink when weights grow",
    file: "balancers/weighted-round-robin.ts",
    right: "const scale = total / totalBefore;",
    wrong: "const scale = 1;",
    test: "src/balancers/weighted-round-robin.test.ts",
  },
];

const views: readonly Fault[] = [
  {
    name: "tiers without overprovisioning",
    file: "view/tier-loads.ts",
    right: "export const overprovisioning = 1.4;",
    wrong: "export const overprovisioning = 1;",
    test: "src/view/tier-loads.test.ts",
  },
  {
    name: "a lease settled with the balancer of another tier",
    file: "view/lease.ts",
    right: "this.#owner.settle(this.#member, this.#balancer, this)",
    wrong: "this.#owner.settle(this.#member, this.#member.balancer, this)",
    test: "src/view/tiers.test.ts",
  },
  {
    name: "a window that others restart",
    file: "view/membership.ts",
    right: "    member.rampFromMs = this.#clock.now();",
    wrong:
      "    for (const each of this.#members.values()) if (each.rampFromMs > -Infinity) each.rampFromMs = this.#clock.now();\n    member.rampFromMs = this.#clock.now();",
    test: "src/slow-start.test.ts",
  },
  {
    name: "a departed member picked before the rebuild",
    file: "view/chooser.ts",
    right: "if (picked === undefined || picked.retired)",
    wrong: "if (picked === undefined)",
    test: "src/view/chooser.test.ts",
  },
  {
    name: "an aperture that rounds its layers",
    file: "aperture.ts",
    right: "const layers = Math.min(of, Math.ceil((size * of) / count));",
    wrong: "const layers = Math.min(of, Math.round((size * of) / count));",
    test: "src/aperture.test.ts",
  },
  {
    name: "a snapshot file that grows younger",
    file: "view/view-knowledge.ts",
    right: "writtenAtMs: this.#clock.wallNow() - this.ageMs,",
    wrong: "writtenAtMs: this.#clock.wallNow(),",
    test: "src/view/snapshot-file.test.ts",
  },
  {
    name: "removals of a doubtful snapshot believed",
    file: "view/membership.ts",
    right:
      "const doubtful = !sure && missing.length > this.#options.holdShare * known;",
    wrong: "const doubtful = false;",
    test: "src/discover.test.ts",
  },
];

const health: readonly Fault[] = [
  {
    name: "a success rate without floor",
    file: "outlier/success-rate.ts",
    right: "    center - options.floor + epsilon,",
    wrong: "    Infinity,",
    test: "src/outlier/success-rate.test.ts",
  },
  {
    name: "an ejection that begins when somebody looks",
    file: "view/outlier-sweep.ts",
    right: "      account.eject(atMs);",
    wrong: "      account.eject(nowMs);",
    test: "src/view/outlier-model.test.ts",
  },
  {
    name: "more ejected than the share",
    file: "view/outlier-sweep.ts",
    right: "mayEject(before + ejected, serving)",
    wrong: "mayEject(before, serving)",
    test: "src/view/outlier-model.test.ts",
  },
  {
    name: "reports that judge an ejected instance",
    file: "outlier/tally.ts",
    right: "    if (nowMs < this.ejectedUntilMs) return;",
    wrong: "",
    test: "src/view/outlier-sweep.test.ts",
  },
  {
    name: "checks that march in step",
    file: "health/prober.ts",
    right: "Math.max(0, restMs) * this.#shareOfRest()",
    wrong: "Math.max(0, restMs)",
    test: "src/health/check-gate.test.ts",
  },
  {
    name: "checks without bound",
    file: "health/check-gate.ts",
    right: "if (this.#room === 0)",
    wrong: "if (this.#room < 0)",
    test: "src/health/check-gate.test.ts",
  },
  {
    name: "a connection that outlives its check",
    file: "health/grpc.ts",
    right: "    socket.destroy();",
    wrong: "",
    test: "test/integration/unanswered-health.test.ts",
  },
  {
    name: "any status of gRPC taken for good",
    file: "health/grpc.ts",
    right: 'if (status === "0") return undefined;',
    wrong: 'if (status !== "12") return undefined;',
    test: "test/integration/grpc-health.test.ts",
  },
];

const registering: readonly Fault[] = [
  {
    name: "recoveries that are believed without end",
    file: "remote/backoff.ts",
    right:
      "    if (forgottenMs - nowMs > this.#believed * believedAgainMs) return;\n",
    wrong: "",
    test: "src/remote/feeds.test.ts",
  },
  {
    name: "a deadline counted from the answer",
    file: "remote/remote-registration.ts",
    right: "    this.#acknowledged(sentMs, written.grantedTtlMs);",
    wrong:
      "    this.#acknowledged(this.#clock.now() + 1, written.grantedTtlMs);",
    test: "src/remote/remote-registration.test.ts",
  },
  {
    name: "a registration that gives up",
    file: "remote/remote-registration.ts",
    right: "    else this.#gone();",
    wrong: '    else this.#leave("closed");',
    test: "src/remote/remote-registration.test.ts",
  },
  {
    name: "a write forgotten when its answer is lost",
    file: "remote/remote-registration.ts",
    right: "    return this.#writtenVersion !== this.#version;",
    wrong: "    return this.#writtenVersion < 0;",
    test: "src/remote/remote-registration.test.ts",
  },
  {
    name: "a delta told as known to who has not synced",
    file: "watch-queue.ts",
    right: "    if (!this.#open || this.#owed !== undefined) return;",
    wrong: "    if (!this.#open) return;",
    test: "src/remote/feeds.test.ts",
  },
];

const etcd: readonly Fault[] = [
  {
    name: "a cursor moved by the header of an answer",
    file: "registries/etcd/place.ts",
    right: "      return this.#events(message);",
    wrong:
      "      return [this.#events(message), (this.#cursor = revision + 1n)][0] as Step;",
    test: "src/registries/etcd/place.test.ts",
  },
  {
    name: "half a revision told",
    file: "registries/etcd/place.ts",
    right: "this.#inFragment ? revisions.pop() : undefined;",
    wrong: "undefined;",
    test: "src/registries/etcd/place.test.ts",
  },
  {
    name: "another store taken for the same",
    file: "registries/etcd/account.ts",
    right: "      kvs.length === this.#stamps.size &&",
    wrong: "      kvs.length >= 0 ||",
    test: "src/registries/etcd/watch-messages.test.ts",
  },
  {
    name: "a key deleted by hand that stays away",
    file: "registries/etcd/announcement.ts",
    right: "isAlive && held.revision === written ?",
    wrong: "isAlive ?",
    test: "test/integration/etcd/leases.test.ts",
  },
  {
    name: "pages of several revisions",
    file: "registries/etcd/ranges.ts",
    right: "    pinned ??= storeRevision;",
    wrong: "    pinned = storeRevision;",
    test: "src/registries/etcd/ranges.test.ts",
  },
  {
    name: "silence taken for peace",
    file: "registries/etcd/silence.ts",
    right: "    else if (this.#isOpen) void this.#ask();",
    wrong: "    else if (this.#isOpen) this.#wait(limitMs);",
    test: "src/registries/etcd/silence.test.ts",
  },
];

const others: readonly Fault[] = [
  {
    name: "a change of Redis missed without notice",
    file: "registries/redis/scripts.ts",
    right: "if entries[1] and entries[1][2][2] == cursor then",
    wrong: "if entries[1] then",
    test: "test/integration/redis-watch.test.ts",
  },
  {
    name: "a put whose answer got lost written twice",
    file: "registries/redis/scripts.ts",
    right:
      "if isMine and tonumber(heldWrite) >= tonumber(count) then return { 'written', heldRevision } end",
    wrong: "",
    test: "test/integration/redis-registration.test.ts",
  },
  {
    name: "everybody expired because Redis was away",
    file: "registries/redis/scripts.ts",
    right: "local wasAway = nowUs - seen > 5000000 and not spared",
    wrong: "local wasAway = false",
    test: "test/integration/redis-watch.test.ts",
  },
  {
    name: "an older registration that takes the id back",
    file: "registries/redis/scripts.ts",
    right: "if isNewer then return { 'superseded' } end",
    wrong: "",
    test: "test/integration/redis-registration.test.ts",
  },
  {
    name: "a loop of Consul's queries that spins",
    file: "registries/consul/query-pace.ts",
    right: "if (this.#tokens < 0)",
    wrong: "if (this.#tokens < -1e9)",
    test: "test/integration/consul-watch.test.ts",
  },
  {
    name: "nobody after somebody taken for so many who left",
    file: "registries/consul/consul-watch.ts",
    right: " || (seen.size === 0 && feed.instances.size > 0)",
    wrong: "",
    test: "test/integration/consul-answers.test.ts",
  },
  {
    name: "a slice that cannot be read taken for none",
    file: "registries/kubernetes/slice-follower.ts",
    right:
      "      if (slice !== undefined) progress.slices.set(slice.name, slice);\n",
    wrong:
      "      progress.slices.delete(nameOf(object));\n      if (slice !== undefined) progress.slices.set(slice.name, slice);\n",
    test: "test/integration/kubernetes-odd-slices.test.ts",
  },
  {
    name: "an index that went back believed",
    file: "registries/consul/consul-watch.ts",
    right: "const wentBack = answer.index < (indexes.get(feed) ?? 0n);",
    wrong: "const wentBack = false;",
    test: "test/integration/consul-watch.test.ts",
  },
  {
    name: "a check without its ttl taken for renewed",
    file: "registries/consul/consul-catalog.ts",
    right: "return status === 200;",
    wrong: "return true;",
    test: "test/integration/consul-registration.test.ts",
  },
  {
    name: "an empty answer of DNS believed",
    file: "registries/dns/dns-source.ts",
    right: "    if (seen.size === 0 && feed.instances.size > 0)",
    wrong: "    if (seen.size < 0)",
    test: "test/integration/dns.test.ts",
  },
  {
    name: "a failed look-up taken for an empty answer",
    file: "registries/dns/records.ts",
    right: '    if (code === "ENOTFOUND" || code === "ENODATA") return [];',
    wrong: "    if (code !== undefined) return [];",
    test: "test/integration/dns.test.ts",
  },
  {
    name: "a swapped link not heard of",
    file: "registries/file/folder-watch.ts",
    right:
      "        if (changed === null || changed === name || changed === swappedLink)",
    wrong: "        if (changed === null || changed === name)",
    test: "test/integration/file.test.ts",
  },
  {
    name: "a bad file that empties the service",
    file: "registries/file/file-source.ts",
    right:
      "      for (const feed of this.#feeds.values()) feed.lost(outcome.error);",
    wrong:
      "      for (const feed of this.#feeds.values()) feed.observe(new Map());",
    test: "test/integration/file.test.ts",
  },
  {
    name: "an endpoint lost between two slices",
    file: "registries/kubernetes/slice-follower.ts",
    right: "      const untilMs = leaving.get(id) ?? nowMs + moveMs;",
    wrong: "      const untilMs = nowMs;",
    test: "test/integration/kubernetes.test.ts",
  },
  {
    name: "a watch that dies of 410",
    file: "registries/kubernetes/slice-follower.ts",
    right: "      if (!isGone && !isBad) throw error;",
    wrong: "      if (!isBad) throw error;",
    test: "test/integration/kubernetes.test.ts",
  },
  {
    name: "a pod without conditions taken for not ready",
    file: "registries/kubernetes/endpoint-slice.ts",
    right: '  const isReady = conditions["ready"] !== false;',
    wrong: '  const isReady = conditions["ready"] === true;',
    test: "src/registries/kubernetes/endpoint-slice.test.ts",
  },
];

export const faults: readonly Fault[] = [
  ...balancing,
  ...views,
  ...health,
  ...registering,
  ...etcd,
  ...others,
];
