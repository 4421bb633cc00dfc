import { createHash } from "node:crypto";

/** A script and what Redis calls it once it has seen it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const scriptOf = (...parts: readonly string[]): Script => {
  const text = parts.join("\n");
  return { text, sha: createHash("sha1").update(text).digest("hex") };
};

/**
 * What every script about a service starts with: it looks at Redis' own time and moves whoever's deadline has passed
 * from the members to the log, so nobody ever reads, renews or replaces an entry whose lease is over, and each expiry
 * is logged exactly once, by whichever script comes first.
 *
 * `KEYS`: `members`, a hash of id to `<number> <owner> <write> <revision> <record>`; `deadlines`, a sorted set of ids by
 * the microsecond their lease ends; `head`, a hash of the last `revision`, the first, `since`, the time some script ran,
 * `seen`, to about a second, and `spared`; `log`, a stream of changes with `<revision>-0` as ids. All hold a hash tag, so they share a slot. `ARGV`: how many changes the log keeps,
 * and for how many milliseconds the log and the head of a service without members are kept.
 *
 * When all leases of a service are over and no script ran for 5 s, which watches do at least every 2.5 s, then rather
 * Redis was away than everybody died: all are spared for 15 s, in which the living renew. That is done once until
 * somebody renews, so that a service nobody watches does not stand for ever.
 *
 * A revision is the time in microseconds, or one more than the last if that is no more: a log that was lost goes on with
 * greater ones. Each entry names the revision before it, so a reader sees from any entry whether it missed one, whatever
 * the reason: trimmed away, or another history after a loss of data. Numbers stay below 2^53 until the year 2255.
 */
const prelude = `
local members, deadlines, head, log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local function text(number)
  return string.format('%.0f', number)
end
local time = redis.call('TIME')
local nowUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
local kept = redis.call('HMGET', head, 'revision', 'since', 'seen', 'spared')
local revision, since, seen, spared = kept[1] or '0', kept[2] or '0', tonumber(kept[3] or '0'), kept[4]

local function write(op, id, value)
  local nextRevision = text(math.max(tonumber(revision) + 1, nowUs))
  if since == '0' then since = nextRevision end
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[1], nextRevision .. '-0', 'after', revision, 'op', op, 'id', id, 'value', value)
  redis.call('HSET', head, 'revision', nextRevision, 'since', since)
  revision = nextRevision
end

local function take(id, why)
  redis.call('HDEL', members, id)
  redis.call('ZREM', deadlines, id)
  write('delete', id, why)
  if redis.call('HLEN', members) == 0 then
    redis.call('PEXPIRE', head, ARGV[2])
    redis.call('PEXPIRE', log, ARGV[2])
  end
end

local expired = redis.call('ZRANGEBYSCORE', deadlines, '-inf', text(nowUs))
local wasAway = nowUs - seen > 5000000 and not spared
if expired[1] and wasAway and redis.call('ZCOUNT', deadlines, text(nowUs), '(+inf') == 0 then
  for _, id in ipairs(expired) do
    redis.call('ZADD', deadlines, text(nowUs + 15000000), id)
  end
  redis.call('HSET', head, 'spared', '1')
else
  for _, id in ipairs(expired) do take(id, 'expired') end
end
if revision ~= '0' and nowUs - seen > 1000000 then redis.call('HSET', head, 'seen', text(nowUs)) end

local function extend(id, ttlMs)
  redis.call('ZADD', deadlines, text(nowUs + ttlMs * 1000), id)
  if spared then redis.call('HDEL', head, 'spared') end
end
`;

/** `ARGV` from the third on: id, number, owner. */
const holder = `
local id, number, owner = ARGV[3], ARGV[4], ARGV[5]
local held = redis.call('HGET', members, id)
local heldNumber, heldOwner, heldWrite, heldRevision
if held then
  heldNumber, heldOwner, heldWrite, heldRevision = string.match(held, '^(%d+) (%S+) (%d+) (%d+) ')
end
-- Whatever stands there without these words was not written by a registration. Nor was a number beyond 2^53 - 1: one more
-- is no greater there, so it would hold the id for ever.
if heldNumber and tonumber(heldNumber) > 9007199254740991 then heldNumber = nil end
local isMine = heldOwner == owner
local isNewer = heldNumber and not isMine
  and (tonumber(heldNumber) > tonumber(number) or (heldNumber == number and heldOwner > owner))
`;

/**
 * The number of a registration of the id that starts now: above whatever holds it, not below the time, and above the
 * last change, of whoever had it before, should the time have gone back: after a failover it is another machine's.
 */
export const enterScript: Script = scriptOf(
  prelude,
  holder,
  `
local above = math.max(tonumber(heldNumber or '0'), math.floor(tonumber(revision) / 1000)) + 1
return text(math.max(above, math.floor(nowUs / 1000)))`,
);

/** `ARGV` further: count of the write, ttl in milliseconds, record. A write that is already there is only renewed. */
export const putScript: Script = scriptOf(
  prelude,
  holder,
  `
local count, ttlMs, record = ARGV[6], tonumber(ARGV[7]), ARGV[8]
if isNewer then return { 'superseded' } end
extend(id, ttlMs)
if isMine and tonumber(heldWrite) >= tonumber(count) then return { 'written', heldRevision } end
if redis.call('HLEN', members) == 0 then
  redis.call('PERSIST', head)
  redis.call('PERSIST', log)
end
write('put', id, record)
redis.call('HSET', members, id, table.concat({ number, owner, count, revision, record }, ' '))
return { 'written', revision }`,
);

/** `ARGV` further: count of the last write, ttl in milliseconds. An earlier write there is what a restart has left. */
export const renewScript: Script = scriptOf(
  prelude,
  holder,
  `
if isNewer then return 'superseded' end
if not isMine or tonumber(heldWrite) < tonumber(ARGV[6]) then return 'gone' end
extend(id, tonumber(ARGV[7]))
return 'renewed'`,
);

export const removeScript: Script = scriptOf(
  prelude,
  holder,
  `
if isMine then take(id, 'deregistered') end
return 'removed'`,
);

/**
 * What happened since the revision `ARGV[3]`, at most `ARGV[4]` changes; or, if that cannot be told or is the empty
 * text, the whole state and why it is. Starts with the kind, the revision of the last change, and in how many
 * milliseconds the next lease ends (-1: none will).
 */
export const lookScript: Script = scriptOf(
  prelude,
  `
local cursor = ARGV[3]
local due, first = '-1', redis.call('ZRANGE', deadlines, 0, 0, 'WITHSCORES')
if first[2] and tonumber(first[2]) < math.huge then
  due = text(math.ceil((tonumber(first[2]) - nowUs) / 1000))
end
if cursor == revision then return { 'changes', revision, due } end
local reason = 'initial'
if cursor ~= '' then
  local entries = redis.call('XRANGE', log, cursor .. '-1', '+', 'COUNT', ARGV[4])
  if entries[1] and entries[1][2][2] == cursor then
    local changes = { 'changes', revision, due }
    for _, entry in ipairs(entries) do
      local fields = entry[2]
      changes[#changes + 1] = string.match(entry[1], '^%d+')
      changes[#changes + 1] = fields[4]
      changes[#changes + 1] = fields[6]
      changes[#changes + 1] = fields[8]
    end
    return changes
  end
  reason = 'compacted'
  local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
  -- The log reaches back to the cursor and does not hold it, or began after it: it is another log.
  if tonumber(cursor) > tonumber(revision)
    or (cursor ~= '0' and tonumber(since) > tonumber(cursor))
    or (oldest and tonumber(string.match(oldest[1], '^%d+')) <= tonumber(cursor)) then
    reason = 'store-reset'
  end
end
local state = { 'state', revision, due, reason }
local all = redis.call('HGETALL', members)
for index = 1, #all do state[index + 4] = all[index] end
return state`,
);

/** How many members the service has. */
export const countScript: Script = scriptOf(
  prelude,
  `return redis.call('HLEN', members)`,
);

/** One command about the set of names of services, `KEYS[1]`. */
export const namesScript: Script = scriptOf(
  `return redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))`,
);
