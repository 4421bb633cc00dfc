/** Something that runs sagas of three steps that do nothing, or writes what such a saga writes. */
export interface Subject {
  readonly name: string;
  /** Runs one; rejects if it went wrong. */
  readonly run: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
}
