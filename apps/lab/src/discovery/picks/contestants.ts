import { balancers } from "./balancers.ts";
import type { Contestant } from "./contestant.ts";
import { grpc } from "./grpc.ts";
import { hashRing } from "./hash-ring.ts";
import { moleculer } from "./moleculer.ts";
import { ours } from "./ours.ts";
import { undici } from "./undici.ts";

export const peers: readonly Contestant[] = [
  ...grpc,
  undici,
  ...moleculer,
  hashRing,
];

export const contestants: readonly Contestant[] = [
  ...balancers.map(ours),
  ...peers,
];
