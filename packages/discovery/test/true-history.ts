import type { Random } from "@dp/core";
import type { Instance } from "../src/instance.ts";
import { writeRecord } from "../src/remote/instance-record.ts";
import type { HistoryEntry } from "../src/testing/history.ts";
import { put, remove, transact } from "./raw-etcd.ts";

/** Characters of one to four bytes, so that cuts fall into the middle of some. */
const note = "é漢🙂";

export const instanceOf = (
  service: string,
  id: string,
  port: number,
  revision: bigint = 0n,
): Instance => ({
  service,
  id,
  host: "10.0.0.1",
  port,
  weight: 1,
  priority: 0,
  state: "serving",
  revision,
  metadata: { note },
});

export const recordText = (service: string, id: string, port: number): string =>
  writeRecord(instanceOf(service, id, port), { number: 1, owner: "by hand" });

/** Writes instances of one service by hand, on many connections at once, and remembers what happened in what order. */
export class TrueHistory {
  readonly #url: string;
  readonly #prefix: string;
  readonly #random: Random;
  readonly #entries: {
    readonly revision: bigint;
    readonly entry: HistoryEntry;
  }[] = [];
  readonly #ids = new Set<string>();
  #port = 1;

  constructor(url: string, prefix: string, random: Random) {
    this.#url = url;
    this.#prefix = prefix;
    this.#random = random;
  }

  /** In the order of etcd. */
  get entries(): HistoryEntry[] {
    return this.#entries
      .toSorted((one, other) => Number(one.revision - other.revision))
      .map(({ entry }) => entry);
  }

  /** Makes `count` changes in `lanes` that do not wait for each other; each has ids of its own. */
  async make(count: number, lanes: number = 40): Promise<void> {
    const each = Math.ceil(count / lanes);
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        for (let change = 0; change < each; change++) await this.#change(lane);
      }),
    );
  }

  /** Puts, deletes, and now and then several in one revision. */
  async #change(lane: number): Promise<void> {
    const id = `i${lane}-${Math.floor(this.#random() * 3)}`;
    const draw = this.#random();
    if (draw < 0.1) {
      const ids = [`i${lane}-x`, `i${lane}-y`, `i${lane}-z`];
      const puts = ids.map((each) => ({ id: each, port: this.#port++ }));
      const records = puts.map(
        (each) =>
          [this.#key(each.id), recordText("web", each.id, each.port)] as const,
      );
      const revision = await transact(this.#url, Object.fromEntries(records));
      for (const each of puts) this.#wrote(each.id, each.port, revision);
    } else if (draw < 0.4 && this.#ids.has(id)) {
      const revision = await remove(this.#url, this.#key(id));
      this.#ids.delete(id);
      this.#entries.push({
        revision,
        entry: { change: { op: "delete", id, why: "unknown" }, revision },
      });
    } else {
      const port = this.#port++;
      this.#wrote(
        id,
        port,
        await put(this.#url, this.#key(id), recordText("web", id, port)),
      );
    }
  }

  #key(id: string): string {
    return `${this.#prefix}/web/${id}`;
  }

  #wrote(id: string, port: number, revision: bigint): void {
    this.#ids.add(id);
    const change = {
      op: "put",
      instance: instanceOf("web", id, port, revision),
    } as const;
    this.#entries.push({ revision, entry: { change, revision } });
  }
}
