/**
 * The holds of one key: a sorted set of owners by the time of their end, in microseconds.
 *
 * `ARGV`: `1` while the caller waits, what to do, owner, how long in microseconds, how many at most, and the caller's time
 * in microseconds or nothing for Redis' own.
 */
export const leasesLua: string = `
local operation, owner, ttlUs, most = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local nowUs, graceMs = tonumber(ARGV[6]), 3600000
if nowUs == nil then
  local time = redis.call('TIME')
  nowUs, graceMs = tonumber(time[1]) * 1000000 + tonumber(time[2]), 0
end
local function text(number)
  return string.format('%.0f', number)
end
local key = KEYS[1]
redis.call('ZREMRANGEBYSCORE', key, '-inf', text(nowUs))
local isHeld = redis.call('ZSCORE', key, owner)
if operation == 'release' then return redis.call('ZREM', key, owner) end
if not isHeld and (operation == 'renew' or redis.call('ZCARD', key) >= most) then
  return 0
end
redis.call('ZADD', key, text(nowUs + ttlUs), owner)
local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
redis.call('PEXPIRE', key, text(math.ceil((tonumber(last[2]) - nowUs) / 1000) + graceMs))
return 1
`;
