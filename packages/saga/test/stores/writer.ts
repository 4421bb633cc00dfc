/** A process that starts runs in the store file named, one after the other, and tells its parent of each that is durable. */
import { sqliteStore } from "@dp/saga/sqlite";

const [path = ""] = process.argv.slice(2);
const store = sqliteStore(path);
const claimant = { worker: "writer", leaseMs: 30_000 };
for (let count = 1; ; count++) {
  const id = `r${count}`;
  const head = { id, name: "order", version: 1, shape: "a" };
  await store.start(
    head,
    [
      { kind: "started", payload: JSON.stringify(count) },
      { kind: "intent", step: "a", attempt: 1 },
    ],
    claimant,
    "open",
  );
  await store.append({
    id,
    epoch: 1,
    seq: 2,
    entries: [{ kind: "ok", step: "a", attempt: 1, payload: "1" }],
    state: "running",
    gate: "open",
    releaseInMs: undefined,
    knowsCancel: false,
  });
  process.send?.(count);
}
