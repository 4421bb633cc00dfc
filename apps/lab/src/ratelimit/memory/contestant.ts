/** Decides for one key; resolves to or is whether it was allowed. */
export type Decide = (key: string) => boolean | Promise<boolean>;

/** One way to limit, given units an hour (which is the burst too). */
export interface Contestant {
  readonly name: string;
  readonly about: string;
  create(perHour: number): Decide;
}

export const hourMs = 3_600_000;

/** More keys than any scenario uses, so that no scenario measures a full store. */
export const maxKeys = 4_000_000;
