/** The part of opossum 10 that is measured; the package has no types of its own. */
declare module "opossum" {
  export default class CircuitBreaker<T> {
    static isOurError(error: unknown): boolean;
    constructor(
      action: () => Promise<T>,
      options: {
        timeout: number | false;
        errorThresholdPercentage?: number;
        volumeThreshold?: number;
        resetTimeout?: number;
      },
    );
    fire(): Promise<T>;
    open(): void;
  }
}
