import { xxhash32 } from "../xxhash32.ts";

/** More are never placed, whatever is asked for: a tenth of a second to set, eight megabytes. */
const maxPoints = 2 ** 20;

/**
 * Points on a circle of 2^32 places, each of one node; a key belongs to the node of the first point at or after its
 * own.
 *
 * Point `i` of a node is XXH32 of `id_i`, so that more weight adds points and moves none. O(p) for p points in all to
 * set, and only new points are hashed; O(log p) to look up.
 */
export class Ring {
  /** Sorted. */
  #places = new Uint32Array(0);
  #owners = new Int32Array(0);
  #placesById = new Map<string, Uint32Array>();

  get size(): number {
    return this.#places.length;
  }

  /** `ids` are sorted: of two nodes with a point at one place the first has it, in every process. */
  set(
    ids: readonly string[],
    weights: readonly number[],
    points: number,
  ): void {
    const wanted = weights.reduce((sum, weight) => sum + weight, 0) * points;
    const scale = points * Math.min(1, maxPoints / wanted);
    const known = this.#placesById;
    this.#placesById = new Map();
    const placesByNode: Uint32Array[] = [];
    let total = 0;
    for (const [node, id] of ids.entries()) {
      const count = Math.max(1, Math.round((weights[node] as number) * scale));
      const places = placesOf(id, count, known.get(id));
      this.#placesById.set(id, places);
      placesByNode.push(places.subarray(0, count));
      total += count;
    }
    this.#sort(placesByNode, total);
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

  /**
   * Into buckets by the first bits, about one point to each since places are hashes, and from there past the few
   * greater ones before it: several times as fast as a sort that knows nothing of the places.
   */
  #sort(placesByNode: readonly Uint32Array[], total: number): void {
    const shift = Math.min(31, Math.clz32(total));
    const ends = new Int32Array(2 ** (32 - shift) + 1);
    for (const nodePlaces of placesByNode)
      for (let index = 0; index < nodePlaces.length; index++) {
        const bucket = ((nodePlaces[index] as number) >>> shift) + 1;
        ends[bucket] = (ends[bucket] as number) + 1;
      }
    for (let bucket = 1; bucket < ends.length; bucket++)
      ends[bucket] = (ends[bucket] as number) + (ends[bucket - 1] as number);
    // From here on the end of each bucket as filled so far, at first its start.
    const places = new Uint32Array(total);
    const owners = new Int32Array(total);
    const starts = ends.slice();
    for (const [node, nodePlaces] of placesByNode.entries())
      for (let index = 0; index < nodePlaces.length; index++) {
        const place = nodePlaces[index] as number;
        const bucket = place >>> shift;
        const start = starts[bucket] as number;
        let at = ends[bucket] as number;
        ends[bucket] = at + 1;
        for (; at > start && (places[at - 1] as number) > place; at--) {
          places[at] = places[at - 1] as number;
          owners[at] = owners[at - 1] as number;
        }
        places[at] = place;
        owners[at] = node;
      }
    this.#places = places;
    this.#owners = owners;
  }
}

/** At least `count` points of an id, those known as they are. */
const placesOf = (
  id: string,
  count: number,
  known: Uint32Array | undefined,
): Uint32Array => {
  if (known !== undefined && known.length >= count) return known;
  const places = new Uint32Array(count);
  if (known !== undefined) places.set(known);
  for (let index = known?.length ?? 0; index < count; index++)
    places[index] = xxhash32(`${id}_${index}`, 0);
  return places;
};
