/** What a command knows of the process it runs in. */
export interface Terminal {
  /** Writes text as it is: results on one, what went wrong on the other. */
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Standard input as text. */
  readonly input: () => AsyncIterable<string>;
  /** Whether somebody watches what is written to `error`. */
  readonly isWatched: boolean;
}

/** What a command ends with: 0 ok, 2 usage or bad input. */
export type ExitCode = 0 | 2;
