import type { Bound } from "../bounds.ts";

const flexible = "rate-limiter-flexible";

export const memoryBounds: readonly Bound[] = [
  {
    what: "takeSync, allowed, x bare",
    of: { row: "takeSync", figure: "allowedNs" },
    against: { row: "bare", figure: "allowedNs" },
    most: 2,
  },
  {
    what: `${flexible}, allowed, x takeSync`,
    of: { row: flexible, figure: "allowedNs" },
    against: { row: "takeSync", figure: "allowedNs" },
    least: 4,
  },
  {
    what: `${flexible}, refused, x takeSync`,
    of: { row: flexible, figure: "refusedNs" },
    against: { row: "takeSync", figure: "refusedNs" },
    least: 4,
  },
  {
    what: "takeSync, refused, x allowed",
    of: { row: "takeSync", figure: "refusedNs" },
    against: { row: "takeSync", figure: "allowedNs" },
    most: 1.2,
  },
  {
    what: "takeSync, bytes a key",
    of: { row: "takeSync", figure: "bytesPerKey" },
    take: "worst",
    most: 200,
  },
];

export const redisBounds: readonly Bound[] = [
  {
    what: `batch: false, client CPU, x ${flexible}`,
    of: { row: "batch: false", figure: "clientUs" },
    against: { row: flexible, figure: "clientUs" },
    most: 1,
  },
  {
    what: `batched, decisions/s, x ${flexible}`,
    of: { row: "batched", figure: "perSecond" },
    against: { row: flexible, figure: "perSecond" },
    least: 3,
  },
  {
    what: `leased, hot, decisions/s, x ${flexible}, hot`,
    of: { row: "leased, hot", figure: "perSecond" },
    against: { row: `${flexible}, hot`, figure: "perSecond" },
    least: 15,
  },
];
