/**
 * Hands out slots (small integers, reused) and knows which of them is due first.
 *
 * A binary min-heap over three typed arrays: 16 bytes a slot, no object. The times are lower bounds: whoever raises the
 * true time of a slot need not say so until the slot comes up as the first. O(log n) for add, move and remove.
 */
export class IdleHeap {
  /** A permutation of all slots ever used: the first `size` are live and in heap order, the others are free. */
  #order = new Int32Array(16);
  /** Where each slot stands in `#order`. */
  #place = new Int32Array(16);
  #due = new Float64Array(16);
  #used = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Takes a free slot and gives it a time. */
  add(due: number): number {
    const place = this.#size;
    if (place === this.#order.length) this.#grow();
    if (place === this.#used) this.#order[this.#used] = this.#used++;
    const slot = this.#order[place] as number;
    this.#size++;
    this.#due[slot] = due;
    this.#rise(slot, place);
    return slot;
  }

  /** The live slot with the least time, or -1 if there is none. */
  first(): number {
    return this.#size === 0 ? -1 : (this.#order[0] as number);
  }

  due(slot: number): number {
    return this.#due[slot] as number;
  }

  /** Gives a live slot another time. */
  move(slot: number, due: number): void {
    this.#due[slot] = due;
    this.#rise(slot, this.#place[slot] as number);
    this.#sink(slot, this.#place[slot] as number);
  }

  /** Frees a live slot. */
  remove(slot: number): void {
    const place = this.#place[slot] as number;
    const lastPlace = --this.#size;
    const last = this.#order[lastPlace] as number;
    this.#put(slot, lastPlace);
    if (last === slot) return;
    this.#rise(last, place);
    this.#sink(last, this.#place[last] as number);
  }

  #put(slot: number, place: number): void {
    this.#order[place] = slot;
    this.#place[slot] = place;
  }

  #rise(slot: number, from: number): void {
    const due = this.#due[slot] as number;
    let place = from;
    while (place > 0) {
      const parentPlace = (place - 1) >> 1;
      const parent = this.#order[parentPlace] as number;
      if ((this.#due[parent] as number) <= due) break;
      this.#put(parent, place);
      place = parentPlace;
    }
    this.#put(slot, place);
  }

  #sink(slot: number, from: number): void {
    const due = this.#due[slot] as number;
    let place = from;
    for (;;) {
      let childPlace = 2 * place + 1;
      if (childPlace >= this.#size) break;
      let child = this.#order[childPlace] as number;
      if (childPlace + 1 < this.#size) {
        const right = this.#order[childPlace + 1] as number;
        if ((this.#due[right] as number) < (this.#due[child] as number)) {
          child = right;
          childPlace++;
        }
      }
      if ((this.#due[child] as number) >= due) break;
      this.#put(child, place);
      place = childPlace;
    }
    this.#put(slot, place);
  }

  #grow(): void {
    const capacity = this.#order.length * 2;
    const order = new Int32Array(capacity);
    const place = new Int32Array(capacity);
    const due = new Float64Array(capacity);
    order.set(this.#order);
    place.set(this.#place);
    due.set(this.#due);
    this.#order = order;
    this.#place = place;
    this.#due = due;
  }
}
