// For authors of registries and balancers.
export {
  registrySuite,
  type RegistryFactory,
  type RegistrySuiteOptions,
} from "./registry-suite.ts";
export {
  balancerSuite,
  type BalancerFactory,
  type BalancerSuiteOptions,
} from "./balancer-suite.ts";
export { candidatesOf } from "./balancer-case.ts";
export { checkHistory, type HistoryEntry } from "./history.ts";
export { checkStateHistory } from "./state-history.ts";
export type { SuiteCase } from "./suite-case.ts";
