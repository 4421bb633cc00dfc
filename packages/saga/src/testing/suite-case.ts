/**
 * One requirement of a port, for any test runner: `for (const { name, run } of suite) it(name, run)`. The name is a
 * sentence in the present tense; `run` rejects if the implementation does not meet it.
 */
export interface SuiteCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}
