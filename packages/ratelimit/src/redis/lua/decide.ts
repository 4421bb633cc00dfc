/**
 * What carries out the operations of one call, in order, over what the keys hold.
 *
 * `ARGV[1]` is `1` while the caller waits (see `RedisCalls`), `ARGV[2]` the plan (see `planOf`). The values of all keys
 * are read once, so that operations on one key see each other, and only what has changed is written, with the time after
 * which it cannot be told from a missing key. Redis' time is read once a call, in microseconds.
 */
export const decideLua: string = `
local plan = cjson.decode(ARGV[2])
local values = redis.call('MGET', unpack(KEYS))
local records, changed, machines = {}, {}, {}
local serverUs

local function readServerTime()
  if serverUs == nil then
    local time = redis.call('TIME')
    serverUs = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  return serverUs
end

local function machineOf(index)
  local machine = machines[index]
  if machine == nil then
    local p = plan[1][index]
    machine = algorithms[p[1]]({
      limit = p[2], burst = p[3], period = p[4], byWall = p[6] == 1,
    })
    machine.unitsPerMs = p[5]
    machines[index] = machine
  end
  return machine
end

local function recordOf(index)
  local record = records[index]
  if record ~= nil then return record end
  record = { key = KEYS[index] }
  record.untilUs, record.cells = read(values[index])
  records[index] = record
  return record
end

local function change(record, nowUs, graceMs)
  if not record.isChanged then
    record.isChanged = true
    changed[#changed + 1] = record
  end
  record.nowUs, record.graceMs, record.words = nowUs, graceMs, nil
end

-- Brings a state up to the moment: its own cells, or those of a subject that has taken nothing.
local function cellsOf(part, nowUs, graceMs)
  local cells = part.state.cells
  if cells == nil then
    cells = {}
    part.machine.start(cells, part.now)
  elseif part.machine.heal(cells, part.now) then
    change(part.state, nowUs, graceMs)
  end
  return cells
end

local function decide(parts, cost, isTake, nowUs, graceMs)
  local refusal = 0
  for _, part in ipairs(parts) do
    local cells = cellsOf(part, nowUs, graceMs)
    local blockedUs = max(0, part.block.untilUs - nowUs)
    local isRefused = blockedUs > 0
      or part.machine.wait(cells, part.now, cost) > 0
    part.cells, part.blockedUs, part.isRefused = cells, blockedUs, isRefused
    if isRefused and part.flag == 1 then
      if blockedUs > 0 then
        refusal = 2
      elseif refusal == 0 then
        refusal = 1
      end
    end
  end
  local answer = tostring(refusal)
  for _, part in ipairs(parts) do
    local cells, state = part.cells, part.state
    local isCharged = isTake and refusal == 0 and not part.isRefused
    if isCharged then
      part.machine.charge(cells, part.now, cost)
      state.cells = cells
      change(state, nowUs, graceMs)
    end
    local words = textOf(cells)
    if isCharged then state.words = words end
    answer = answer .. (part.isRefused and ';1 ' or ';0 ')
      .. (part.blockedUs > 0 and text(part.blockedUs) or '0')
      .. ' ' .. text(part.now) .. ' ' .. words
  end
  return answer
end

local function adjust(part, amount, nowUs, graceMs)
  if part.flag == 1 or (amount < 0 and part.state.cells == nil) then return end
  local cells = cellsOf(part, nowUs, graceMs)
  if amount > 0 then
    part.machine.force(cells, part.now, amount)
  else
    part.machine.giveBack(cells, part.now, -amount)
  end
  part.state.cells = cells
  change(part.state, nowUs, graceMs)
end

local function block(part, forUs, nowUs, graceMs)
  part.block.untilUs = forUs > 0 and nowUs + forUs or -huge
  change(part.block, nowUs, graceMs)
end

local function reset(part, nowUs, graceMs)
  part.state.cells = nil
  change(part.state, nowUs, graceMs)
  block(part, 0, nowUs, graceMs)
end

local function write(record)
  local restMs, value = 0, ''
  local blockedUs = record.untilUs - record.nowUs
  if blockedUs > 0 then
    restMs = ceil(blockedUs / 1000)
    value = text(record.untilUs) .. '!'
  end
  local cells = record.cells
  if cells ~= nil then
    local machine = record.machine
    local busy = machine.idleAt(cells) - record.now
    restMs = max(restMs, ceil(busy / machine.unitsPerMs))
    value = value .. (record.words or textOf(cells))
  end
  local keptMs = restMs + record.graceMs
  if value == '' or keptMs <= 0 then
    redis.call('DEL', record.key)
  else
    redis.call('SET', record.key, value, 'PX', text(keptMs))
  end
end

local replies = {}
for index, operation in ipairs(plan[2]) do
  local code, amount, nowUs = operation[1], operation[2], operation[4]
  local isGiven = operation[3] == 1
  -- A clock given by the caller may go slower than Redis' own.
  local graceMs = isGiven and 3600000 or 0
  if not isGiven then nowUs = readServerTime() end
  local parts = {}
  for i = 5, #operation, 5 do
    local machine, now = machineOf(operation[i]), operation[i + 4]
    if not isGiven then
      now = machine.unitsPerMs == 1 and floor(nowUs / 1000 + 0.5) or nowUs
    end
    local state = recordOf(operation[i + 1])
    state.machine, state.now = machine, now
    parts[#parts + 1] = {
      machine = machine, now = now, state = state,
      block = recordOf(operation[i + 2]), flag = operation[i + 3],
    }
  end
  if code <= 1 then
    replies[index] = decide(parts, amount, code == 1, nowUs, graceMs)
  else
    for _, part in ipairs(parts) do
      if code == 2 then
        adjust(part, amount, nowUs, graceMs)
      elseif code == 3 then
        block(part, amount, nowUs, graceMs)
      else
        reset(part, nowUs, graceMs)
      end
    end
    replies[index] = ''
  end
end
for _, record in ipairs(changed) do write(record) end
return replies
`;
