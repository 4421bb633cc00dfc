/** Picks from so many instances, one request after the other. */
export interface Picker {
  /**
   * One pick and, where there are reports, the report of success on what was picked fifty picks before. Gives what was
   * picked, an object or a text of its own for each instance.
   */
  use(key: string): unknown;
  /** Throws when what was counted is not what was done. */
  check?(): void;
}

/** One way to pick. */
export interface Contestant {
  readonly name: string;
  readonly about: string;
  /** How many instances it is measured with. */
  readonly sizes: readonly number[];
  readonly create: (size: number) => Picker | Promise<Picker>;
}

/** Picks whose report is still to come, all the time. */
export const inFlight = 50;

export const hostOf = (index: number): string =>
  `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
