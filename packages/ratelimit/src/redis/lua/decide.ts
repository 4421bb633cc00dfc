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

local format, concat = string.format, table.concat
local function text(number)
  return format('%.0f', number)
end
local function textOf(cells)
  if #cells == 2 then return format('%.0f %.0f', cells[1], cells[2]) end
  if #cells == 3 then
    return format('%.0f %.0f %.0f', cells[1], cells[2], cells[3])
  end
  local words = {}
  for i = 1, #cells do words[i] = format('%.0f', cells[i]) end
  return concat(words, ' ')
end

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

-- '<blocked until>!<cell> <cell> ...': either may be missing. One cell alone stands for two, of which the second is 0.
local function recordOf(index)
  local record = records[index]
  if record ~= nil then return record end
  record = { key = KEYS[index], untilUs = -huge }
  local value = values[index]
  if value then
    local mark = string.find(value, '!', 1, true)
    if mark then
      record.untilUs = tonumber(string.sub(value, 1, mark - 1)) or -huge
      value = string.sub(value, mark + 1)
    end
    local alone = tonumber(value)
    if alone then
      record.cells = { alone, 0 }
    elseif value ~= '' then
      local cells, count = {}, 0
      for word in string.gmatch(value, '%S+') do
        count = count + 1
        cells[count] = tonumber(word)
      end
      record.cells = cells
    end
  end
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
    if #cells == 2 and cells[2] == 0 then
      value = value .. text(cells[1])
    else
      value = value .. (record.words or textOf(cells))
    end
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
