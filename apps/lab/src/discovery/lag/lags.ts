import { memoryRegistry } from "@dp/discovery";
import { etcdRegistry, type EtcdRegistry } from "@dp/discovery/etcd";
import type { Turn } from "../../turns.ts";
import { prefix, putTheRest } from "./bulk-etcd.ts";
import {
  changing,
  count,
  registerFirst,
  writeChanges,
  type Stamp,
} from "./changes.ts";
import { followerOf, shareOf } from "./follow.ts";

/** Writes and follows in one process: what writing takes is taken off. */
export const memoryLag = async (seconds: number): Promise<Turn> => {
  const registry = memoryRegistry<Stamp>();
  const registrations = await registerFirst(registry, count);
  const [writing] = await Promise.all([
    shareOf(undefined, 1),
    writeChanges(registrations, 1),
  ]);
  const follower = await followerOf(registry);
  return async () => {
    const [{ share = NaN, ...figures }, written] = await Promise.all([
      follower.follow(seconds),
      writeChanges(registrations, seconds),
    ]);
    return { ...figures, written, cpuPercent: (share - writing) * 100 };
  };
};

const connect = (url: string): EtcdRegistry<Stamp> =>
  etcdRegistry<Stamp>({ endpoints: [url], prefix });

/** The process that writes; ready when all are there. */
export const etcdWriter = async (
  url: string,
  seconds: number,
): Promise<Turn> => {
  const registrations = await registerFirst(connect(url), changing);
  await putTheRest(url);
  return async () => ({ written: await writeChanges(registrations, seconds) });
};

/** The process that follows. */
export const etcdLag = async (url: string, seconds: number): Promise<Turn> => {
  const follower = await followerOf(connect(url));
  return async () => {
    const { share = NaN, ...figures } = await follower.follow(seconds);
    return { ...figures, cpuPercent: (share - follower.idleShare) * 100 };
  };
};
