/** Draws an index with a chance in proportion to its weight. O(n) to set, O(log n) to draw. */
export class WeightedDraw {
  /** The sum of the weights up to and with each. */
  #sums = new Float64Array(0);

  set(weights: readonly number[]): void {
    this.#sums = new Float64Array(weights.length);
    let sum = 0;
    for (const [index, weight] of weights.entries())
      this.#sums[index] = sum += weight;
  }

  /** The index that `chance`, from 0 to below 1, stands for. There must be a weight. */
  at(chance: number): number {
    const sums = this.#sums;
    let low = 0;
    let high = sums.length - 1;
    const point = chance * (sums[high] as number);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (point < (sums[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
