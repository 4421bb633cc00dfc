/** The token of one user, asked for when first needed and again after it was refused; never twice at once. */
export class AuthToken {
  readonly #authenticate: () => Promise<string | undefined>;
  #token: Promise<string | undefined> | undefined;

  /** `authenticate` resolves to undefined where none is needed. */
  constructor(authenticate: () => Promise<string | undefined>) {
    this.#authenticate = authenticate;
  }

  get(): Promise<string | undefined> {
    if (this.#token !== undefined) return this.#token;
    const token = this.#authenticate();
    this.#token = token;
    token.catch(() => this.#forget(token));
    return token;
  }

  /** This token was refused. One that was renewed meanwhile stays. */
  async refused(refused: string | undefined): Promise<void> {
    const held = this.#token;
    const token = await held?.catch(() => undefined);
    if (token === refused) this.#forget(held);
  }

  #forget(token: Promise<string | undefined> | undefined): void {
    if (this.#token === token) this.#token = undefined;
  }
}
