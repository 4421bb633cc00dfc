import HashRing from "hashring";
import { hostOf, type Contestant } from "./contestant.ts";

export const hashRing: Contestant = {
  name: "hashring",
  about: "3.2, ketama over MD5 with a cache of 5,000 keys, with a key",
  sizes: [10, 1_000],
  create: (size) => {
    const ring = new HashRing(
      Array.from({ length: size }, (_, index) => `${hostOf(index)}:8080`),
    );
    return { use: (key) => ring.get(key) };
  },
};
