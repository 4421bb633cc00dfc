/** What a simulated participant is like. */
export interface ParticipantTraits {
  /** Whether `execute` changes anything. A step that only reads needs no compensation. @defaultValue true */
  readonly hasEffect: boolean;
  /** Whether a repeated call with one key has one effect. @defaultValue true */
  readonly isIdempotent: boolean;
  /** Whether a call that arrives after its own compensation is refused. @defaultValue true */
  readonly hasTombstones: boolean;
  /** What `execute` returns. @defaultValue the step's name and key */
  readonly output: unknown;
}

export const resolveTraits = (
  traits: Partial<ParticipantTraits> | undefined,
): ParticipantTraits => ({
  hasEffect: traits?.hasEffect ?? true,
  isIdempotent: traits?.isIdempotent ?? true,
  hasTombstones: traits?.hasTombstones ?? true,
  output: traits?.output,
});
