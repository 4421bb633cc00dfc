import { createServer } from "node:net";
import { listenOnLoopback } from "./listen.ts";

/** `preferred`, or 0 (any free one) when somebody listens there on loopback; `taken` is told so. */
export const portOrAny = async (
  preferred: number,
  taken: () => void,
): Promise<number> => {
  const server = createServer();
  try {
    await listenOnLoopback(server, preferred);
  } catch {
    taken();
    return 0;
  }
  await new Promise((resolve) => server.close(resolve));
  return preferred;
};
