export { storeSuite, type StoreFactory } from "./store-suite.ts";
export type { SuiteCase } from "./suite-case.ts";
export {
  ReferenceLimiter,
  type ReferenceDecision,
  type ReferencePolicy,
} from "./reference.ts";
export { leaseSuite, type LeaseStoreFactory } from "./lease-suite.ts";
export type { ReferenceKind } from "./reference-counts.ts";
