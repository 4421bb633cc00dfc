export {
  consulRegistry,
  type ConsulRegistry,
  type ConsulRegistryOptions,
} from "./consul-registry.ts";
export type { ConsulFetch } from "./consul-http.ts";
