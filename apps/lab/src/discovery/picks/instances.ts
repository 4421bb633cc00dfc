import type { Candidate, RegistrationSpec } from "@dp/discovery";
import { hostOf } from "./contestant.ts";

const port = 8080;

/** The spec of one of many instances, told apart by address. It stays until it is deregistered. */
export const specOf = (
  service: string,
  index: number,
): RegistrationSpec & { readonly id: string } => ({
  service,
  id: `${hostOf(index)}:${port}`,
  host: hostOf(index),
  port,
  ttl: Infinity,
});

/** So many candidates as a view would make them. */
export const candidatesOf = (count: number): readonly Candidate[] =>
  Array.from({ length: count }, (_, index) => {
    const { service, id, host } = specOf("items", index);
    return {
      id,
      weight: 1,
      seat: undefined,
      instance: {
        service,
        id,
        host,
        port,
        weight: 1,
        priority: 0,
        zone: undefined,
        state: "serving",
        revision: BigInt(index + 1),
        metadata: {},
      },
    };
  });
