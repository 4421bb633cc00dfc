/** `algorithms/token-bucket.ts` in Lua, function by function over the same cells: its proof holds here too. */
export const tokenBucketLua: string = `
algorithms['token-bucket'] = function(p)
  local limit, burst, period = p.limit, p.burst, p.period
  local step = floor(period / limit)
  local stepRest = period - step * limit
  local span = floor(burst * period / limit)
  local spanRest = burst * period - span * limit
  local spare = floor((burst - 1) * period / limit)
  local spareRest = (burst - 1) * period - spare * limit
  local carry = 2 * spanRest >= limit and 1 or 0
  local far = 2 * span + carry
  local farRest = 2 * spanRest - carry * limit

  local function isFar(lead, rest)
    return lead > far or (lead == far and rest > farRest)
  end
  local function owe(c, now, cost)
    local lead, rest = c[1] - now, c[2]
    if lead < 0 then lead, rest = 0, 0 end
    local parts = cost * period
    local units = floor(parts / limit)
    local missing = limit - (parts - units * limit)
    lead = lead + units
    if rest >= missing then
      lead = lead + 1
      rest = rest - missing
    else
      rest = rest + (limit - missing)
    end
    if isFar(lead, rest) then lead, rest = far, farRest end
    c[1], c[2] = now + lead, rest
  end
  local function forgive(c, now, amount)
    local lead = c[1] - now
    if lead < 0 then return end
    local parts = amount * period
    local units = floor(parts / limit)
    local rest = c[2] - (parts - units * limit)
    lead = lead - units
    if rest < 0 then
      lead = lead - 1
      rest = rest + limit
    end
    if lead < 0 then lead, rest = 0, 0 end
    c[1], c[2] = now + lead, rest
  end

  local a = {}
  function a.start(c, now)
    c[1], c[2] = now, 0
  end
  function a.heal(c, now)
    if not isFar(c[1] - now, c[2]) then return false end
    c[1], c[2] = now + span, spanRest
    return true
  end
  function a.wait(c, now, cost)
    if cost > burst then return huge end
    local lead = c[1] - now
    if lead < 0 then return 0 end
    local room, roomRest = spare, spareRest
    if cost ~= 1 then
      local free = (burst - cost) * period
      room = floor(free / limit)
      roomRest = free - room * limit
    end
    if lead < room then return 0 end
    return lead - room + (c[2] > roomRest and 1 or 0)
  end
  function a.charge(c, now, cost)
    local arrival, rest = c[1], c[2]
    if arrival < now then arrival, rest = now, 0 end
    if cost == 1 then
      arrival = arrival + step
      rest = rest + stepRest
      if rest >= limit then
        rest = rest - limit
        arrival = arrival + 1
      end
    else
      local sum = rest + cost * period
      local units = floor(sum / limit)
      arrival = arrival + units
      rest = sum - units * limit
    end
    c[1], c[2] = arrival, rest
  end
  function a.force(c, now, cost)
    local first = min(cost, burst)
    owe(c, now, first)
    if cost > first then owe(c, now, min(cost - first, burst)) end
  end
  function a.giveBack(c, now, amount)
    local first = min(amount, burst)
    forgive(c, now, first)
    if amount > first then forgive(c, now, min(amount - first, burst)) end
  end
  function a.idleAt(c)
    return c[1] + (c[2] == 0 and 0 or 1)
  end
  return a
end
`;
