/** The window is ten buckets of a second; a share of its requests may be retries, and three always may. */
const bucketMs = 1_000;
const bucketCount = 10;
const minimumRetries = 3;

/**
 * Bounds the retries of a service to a share of its requests in the last ten seconds, so that retries cannot multiply
 * the load of a service in trouble.
 */
export class RetryBudget {
  readonly #requests: Float64Array = new Float64Array(bucketCount);
  readonly #retries: Float64Array = new Float64Array(bucketCount);
  #bucket = 0;

  /** Counts a request, not its retries. */
  request(nowMs: number): void {
    this.#advance(nowMs);
    (this.#requests[this.#bucket % bucketCount] as number)++;
  }

  /** Takes one retry, if they would stay within `share` of the requests. */
  take(share: number, nowMs: number): boolean {
    this.#advance(nowMs);
    const requests = this.#requests.reduce((sum, count) => sum + count, 0);
    const retries = this.#retries.reduce((sum, count) => sum + count, 0);
    if (retries >= Math.max(minimumRetries, requests * share)) return false;
    (this.#retries[this.#bucket % bucketCount] as number)++;
    return true;
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / bucketMs);
    const stale = Math.min(bucket - this.#bucket, bucketCount);
    for (let step = 0; step < stale; step++) {
      this.#requests[(bucket - step) % bucketCount] = 0;
      this.#retries[(bucket - step) % bucketCount] = 0;
    }
    if (bucket > this.#bucket) this.#bucket = bucket;
  }
}
