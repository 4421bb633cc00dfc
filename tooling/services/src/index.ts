export { findBinary, requireBinary, servicesSkipped } from "./binaries.ts";
export type { Binary } from "./binaries.ts";
export { startDnsmasq } from "./dnsmasq.ts";
export { startEtcd } from "./etcd.ts";
export { freePort } from "./port.ts";
export { startPostgres } from "./postgres.ts";
export { startRedis } from "./redis.ts";
export type { Server } from "./server.ts";
export { waitUntil } from "./wait-until.ts";
