import { BalancedPool, Pool, type Dispatcher } from "undici";
import { hostOf, type Contestant } from "./contestant.ts";

const handler: Dispatcher.DispatchHandler = {
  onRequestStart: () => undefined,
  onResponseStart: () => undefined,
  onResponseData: () => undefined,
  onResponseEnd: () => undefined,
  onResponseError: () => undefined,
};
const request: Dispatcher.DispatchOptions = { method: "GET", path: "/" };

export const undici: Contestant = {
  name: "undici BalancedPool",
  about: "8.13, its dispatch to pools that send nothing",
  sizes: [10, 1_000],
  create: (size) => {
    const dispatched: { to?: unknown } = {};
    class SilentPool extends Pool {
      override dispatch(): boolean {
        dispatched.to = this;
        return true;
      }
    }
    const pool = new BalancedPool(
      Array.from(
        { length: size },
        (_, index) => `http://${hostOf(index)}:8080`,
      ),
      { factory: (origin, options) => new SilentPool(origin, options) },
    );
    return {
      use() {
        dispatched.to = undefined;
        pool.dispatch(request, handler);
        return dispatched.to;
      },
    };
  },
};
