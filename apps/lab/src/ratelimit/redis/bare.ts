import type { RedisContestant } from "./contestant.ts";

/** One command that changes nothing: no limiter in Redis can cost less. */
export const get: RedisContestant = {
  name: "GET",
  about: "a bare GET of what is not there: limits nothing",
  limits: false,
  create: (client, _perHour, prefix) =>
    Promise.resolve(
      async (key: string) => (await client.get(`${prefix}:${key}`)) === null,
    ),
};

/** GCRA in whole microseconds: the step in ARGV[1], the burst in ARGV[2]. */
const gcra = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local arrival = tonumber(redis.call('GET', KEYS[1]) or now)
if arrival < now then arrival = now end
arrival = arrival + tonumber(ARGV[1])
if arrival - now > tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX', math.ceil((arrival - now) / 1000))
return 1
`;
const hourUs = 3_600_000_000;

/** The least that can be done in one call and be exact: one script, one number a key. */
export const evalsha: RedisContestant = {
  name: "EVALSHA",
  about: "a bare script, GCRA: a boolean",
  limits: true,
  create: async (client, perHour, prefix) => {
    const sha = String(await client.script("LOAD", gcra));
    const step = String(Math.round(hourUs / perHour));
    return async (key) =>
      (await client.evalsha(sha, 1, `${prefix}:${key}`, step, hourUs)) === 1;
  },
};
