import LocalStore from "@fastify/rate-limit/store/LocalStore.js";
import { MemoryStore, type Options } from "express-rate-limit";
import { RateLimiter } from "limiter";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { hourMs, maxKeys, type Contestant } from "./contestant.ts";

const limiter: Contestant = {
  name: "limiter",
  about: "limiter 4.1, one object a key: a boolean",
  create: (perHour) => {
    const limiters = new Map<string, RateLimiter>();
    return (key) => {
      let known = limiters.get(key);
      if (known === undefined) {
        known = new RateLimiter({
          tokensPerInterval: perHour,
          interval: "hour",
        });
        limiters.set(key, known);
      }
      return known.tryRemoveTokens(1);
    };
  },
};

const flexible: Contestant = {
  name: "rate-limiter-flexible",
  about: "rate-limiter-flexible 11.4, memory, awaited",
  create: (perHour) => {
    const flexibleLimiter = new RateLimiterMemory({
      points: perHour,
      duration: hourMs / 1_000,
    });
    return async (key) => {
      try {
        await flexibleLimiter.consume(key);
        return true;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return false;
        throw refusal;
      }
    };
  },
};

const express: Contestant = {
  name: "express-rate-limit",
  about: "its MemoryStore 8.7 alone, awaited: a count in a fixed window",
  create: (perHour) => {
    const store = new MemoryStore();
    // All it reads of the options.
    store.init({ windowMs: hourMs } as Options);
    return async (key) => (await store.increment(key)).totalHits <= perHour;
  },
};

const fastify: Contestant = {
  name: "@fastify/rate-limit",
  about: "its local store 11.2 alone: a count in a fixed window, an LRU",
  create: (perHour) => {
    const store = new LocalStore(false, false, maxKeys);
    return (key) => {
      let allowed = false;
      store.incr(
        key,
        (_error, { current }) => {
          allowed = current <= perHour;
        },
        hourMs,
        perHour,
      );
      return allowed;
    };
  },
};

export const peers: readonly Contestant[] = [
  limiter,
  flexible,
  express,
  fastify,
];
