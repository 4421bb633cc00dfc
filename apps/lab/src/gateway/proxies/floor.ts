import { launchNode, serverFile } from "./node-server.ts";
import type { Proxy } from "./proxy.ts";

/** The least that bytes cost on their way through `node:net`: the base of the figure of record. */
export const floor: Proxy = {
  name: "floor",
  accessLog: false,
  missing: () => undefined,
  title: () => "node:net pass-through, no parsing",
  launch: (site) => launchNode([serverFile("floor")], site),
};
