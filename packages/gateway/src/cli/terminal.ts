/** What a command knows of the process it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes text as it is: results on one, what went wrong on the other. */
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** What a command ends with: 0 ok, 1 refused, 2 usage. */
export type ExitCode = 0 | 1 | 2;
