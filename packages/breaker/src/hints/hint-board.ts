import type { Hint, HintChannel } from "./hint-channel.ts";

/** Something that wants the hints about one name. */
export interface HintReader {
  hear(hint: Hint): void;
}

/**
 * Hands the hints of one channel on by name, with one subscription for all breakers. Holds them weakly: a breaker that
 * nobody else holds any more is forgotten here too.
 */
class HintBoard {
  readonly #readers = new Map<string, Set<WeakRef<HintReader>>>();
  readonly #gone = new FinalizationRegistry<{
    readonly name: string;
    readonly ref: WeakRef<HintReader>;
  }>(({ name, ref }) => this.#forget(name, ref));

  constructor(channel: HintChannel) {
    channel.subscribe((hint) => {
      for (const ref of this.#readers.get(hint.breaker) ?? [])
        ref.deref()?.hear(hint);
    });
  }

  add(name: string, reader: HintReader): void {
    const ref = new WeakRef(reader);
    const refs = this.#readers.get(name) ?? new Set();
    this.#readers.set(name, refs.add(ref));
    this.#gone.register(reader, { name, ref });
  }

  #forget(name: string, ref: WeakRef<HintReader>): void {
    const refs = this.#readers.get(name);
    refs?.delete(ref);
    if (refs?.size === 0) this.#readers.delete(name);
  }
}

const boards = new WeakMap<HintChannel, HintBoard>();

/** Lets `reader` hear what the others on the channel say about `name`, for as long as it lives. */
export const readHints = (
  channel: HintChannel,
  name: string,
  reader: HintReader,
): void => {
  let board = boards.get(channel);
  if (board === undefined) {
    board = new HintBoard(channel);
    boards.set(channel, board);
  }
  board.add(name, reader);
};
