import { setTimeout as sleep } from "node:timers/promises";
import type { Registration, Registry } from "@dp/discovery";
import { specOf } from "../picks/instances.ts";

/** Instances of the service that is followed. */
export const count = 10_000;
/** So many of them change, one after the other. */
export const changing = 500;
export const service = "items";
const perSecond = 200;
const atOnce = 32;

/** Milliseconds on a clock that all processes of a machine share. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** What is changed: when it was written. */
export type Stamp = Readonly<Record<"writtenMs", number | undefined>>;

/** Registers the first so many, with so long a lease that no renewal falls into the measurement. */
export const registerFirst = async (
  registry: Registry<Stamp>,
  size: number,
): Promise<readonly Registration<Stamp>[]> => {
  const all: Registration<Stamp>[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < size; index = next++)
      all[index] = await registry.register({
        ...specOf(service, index),
        metadata: { writtenMs: undefined },
        ttl: "1h",
      });
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return all;
};

/** Changes 200 instances a second, each another one than the last, until the time is over; gives how many. */
export const writeChanges = async (
  registrations: readonly Registration<Stamp>[],
  seconds: number,
): Promise<number> => {
  const startMs = performance.now();
  const writing: Promise<void>[] = [];
  for (;;) {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs >= seconds * 1_000) break;
    while (writing.length < (elapsedMs / 1_000) * perSecond) {
      const registration = registrations[writing.length % changing];
      if (registration === undefined) throw new Error("nothing to change");
      const metadata = { writtenMs: machineMs() };
      writing.push(registration.update({ metadata }));
    }
    await sleep(1);
  }
  await Promise.all(writing);
  return writing.length;
};
