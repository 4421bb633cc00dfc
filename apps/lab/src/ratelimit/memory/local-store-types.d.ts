/** The part of @fastify/rate-limit 11 that is measured; the package has types for its plugin only. */
declare module "@fastify/rate-limit/store/LocalStore.js" {
  export default class LocalStore {
    constructor(
      continueExceeding: boolean,
      exponentialBackoff: boolean,
      cache: number,
    );
    /** Calls back before it returns. */
    incr(
      key: string,
      callback: (
        error: null,
        counted: { readonly current: number; readonly ttl: number },
      ) => void,
      timeWindow: number,
      max: number,
    ): void;
  }
}
