/** The part of hashring 3.2 that is measured; the package has no types. */
declare module "hashring" {
  export default class HashRing {
    constructor(servers: readonly string[]);
    get(key: string): string | undefined;
  }
}
