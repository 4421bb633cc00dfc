import type { RunRecord } from "./run-record.ts";
import type { Claimant, DefinitionId, LiveShape } from "./store.ts";

/** The runs of a store that are not final, with the leases of those who hold them. */
export class LiveRuns<R extends RunRecord> {
  readonly #runs = new Map<string, R>();
  /** When the lease of each worker runs out. */
  readonly #leases = new Map<string, number>();

  get(id: string): R | undefined {
    return this.#runs.get(id);
  }

  add(run: R): void {
    this.#runs.set(run.head.id, run);
  }

  delete(id: string): void {
    this.#runs.delete(id);
  }

  clear(): void {
    this.#runs.clear();
  }

  prolong({ worker, leaseMs }: Claimant, nowMs: number): void {
    this.#leases.set(worker, nowMs + leaseMs);
  }

  /** What the claimant may take of these definitions, longest due first. Looks at every run. */
  due(
    claimant: Claimant,
    definitions: readonly DefinitionId[],
    limit: number,
    held: ReadonlySet<string>,
    nowMs: number,
  ): R[] {
    this.#forgetWorkers(nowMs);
    return Array.from(this.#runs.values())
      .filter(
        (run) =>
          (run.state === "running" || run.state === "compensating") &&
          definitions.some(
            ({ name, version }) =>
              name === run.head.name && version === run.head.version,
          ) &&
          this.#isFree(run, claimant, held, nowMs),
      )
      .sort((a, b) => a.nextAtMs - b.nextAtMs)
      .slice(0, limit);
  }

  cancels(
    worker: string,
  ): readonly { readonly id: string; readonly reason: string }[] {
    return Array.from(this.#runs.values()).flatMap(({ head, owner, cancel }) =>
      owner === worker && cancel !== undefined
        ? [{ id: head.id, reason: cancel }]
        : [],
    );
  }

  shapes(): readonly LiveShape[] {
    const found = new Map<string, LiveShape>();
    for (const { head } of this.#runs.values()) {
      const { id, name, version, shape } = head;
      const key = JSON.stringify([name, version, shape]);
      if (!found.has(key)) found.set(key, { id, name, version, shape });
    }
    return Array.from(found.values());
  }

  #isFree(
    { head, owner, nextAtMs }: R,
    { worker }: Claimant,
    held: ReadonlySet<string>,
    nowMs: number,
  ): boolean {
    if (owner === undefined) return nextAtMs <= nowMs;
    if (owner === worker) return !held.has(head.id);
    return !this.#leases.has(owner);
  }

  /** A worker whose lease has run out is as if it had never been. */
  #forgetWorkers(nowMs: number): void {
    for (const [worker, untilMs] of this.#leases)
      if (untilMs <= nowMs) this.#leases.delete(worker);
  }
}
