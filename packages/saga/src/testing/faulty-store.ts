import { StoreError } from "../errors.ts";
import type { SagaStore } from "../stores/store.ts";
import { aroundStore } from "./around-store.ts";

/** How a store operation fails: `before` it was carried out, or `after`, so that only its answer is lost. */
export type StoreFault = "before" | "after";

/**
 * A store that fails when `faultOf` says so: rejects with a StoreError, and has or has not done what was asked. For tests
 * of what is built on stores. `operation` is what is asked for: `claim`, `read r1`, `append r1 ok a, intent b`.
 */
export const faultyStore = (
  store: SagaStore,
  faultOf: (operation: string) => StoreFault | undefined,
): SagaStore =>
  aroundStore(store, async (operation, work) => {
    const fault = faultOf(operation);
    if (fault === "before")
      throw new StoreError(`${operation} was not carried out`);
    const answer = await work();
    if (fault === "after")
      throw new StoreError(`the answer of ${operation} was lost`);
    return answer;
  });
