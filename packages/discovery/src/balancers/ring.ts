import { xxhash32 } from "../xxhash32.ts";

/** More are never placed, whatever is asked for: a quarter of a second to sort, twelve megabytes. */
const maxPoints = 2 ** 20;

/** Above any index of a node that has a point; with a hash before it still a whole number to a double. */
const radix = 2 ** 21;

/**
 * Points on a circle of 2^32 places, each of one node; a key belongs to the node of the first point at or after its own.
 *
 * Point `i` of a node is XXH32 of `id_i`, so that more weight adds points and moves none. O(p log p) for p points in all
 * to set, but only new ids are hashed; O(log p) to look up.
 */
export class Ring {
  /** Sorted. */
  #places = new Uint32Array(0);
  #owners = new Int32Array(0);
  #placesById = new Map<string, Uint32Array>();

  get size(): number {
    return this.#places.length;
  }

  /** `ids` are sorted, so that of two nodes with a point at one place it is the same everywhere that has it. */
  set(
    ids: readonly string[],
    weights: readonly number[],
    points: number,
  ): void {
    const wanted = weights.reduce((sum, weight) => sum + weight, 0) * points;
    const scale = points * Math.min(1, maxPoints / wanted);
    const counts = weights.map((weight) =>
      Math.max(1, Math.round(weight * scale)),
    );
    const total = counts.reduce((sum, count) => sum + count, 0);
    const packed = new Float64Array(total);
    const placesById = new Map<string, Uint32Array>();
    let filled = 0;
    for (const [node, id] of ids.entries()) {
      const count = counts[node] as number;
      const places = placesOf(id, count, this.#placesById.get(id));
      placesById.set(id, places);
      for (let index = 0; index < count; index++)
        packed[filled++] = (places[index] as number) * radix + node;
    }
    packed.sort();
    this.#placesById = placesById;
    this.#places = new Uint32Array(total);
    this.#owners = new Int32Array(total);
    for (let index = 0; index < total; index++) {
      const both = packed[index] as number;
      this.#places[index] = both / radix;
      this.#owners[index] = both % radix;
    }
  }

  /** The index of the first point at or after a place, round the end. */
  find(place: number): number {
    const places = this.#places;
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((places[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    return low === places.length ? 0 : low;
  }

  /** The node that has a point; -1 on an empty ring. */
  owner(point: number): number {
    return this.#owners[point] ?? -1;
  }
}

const placesOf = (
  id: string,
  count: number,
  known: Uint32Array | undefined,
): Uint32Array => {
  if (known !== undefined && known.length >= count) return known;
  const places = new Uint32Array(count);
  for (let index = 0; index < count; index++)
    places[index] = known?.[index] ?? xxhash32(`${id}_${index}`, 0);
  return places;
};
