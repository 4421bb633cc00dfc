export { etcdRegistry, type EtcdRegistry } from "./etcd-registry.ts";
export { EtcdError } from "./etcd-error.ts";
export type { EtcdRegistryOptions } from "./options.ts";
export type { TlsOptions } from "../../remote/json-http.ts";
