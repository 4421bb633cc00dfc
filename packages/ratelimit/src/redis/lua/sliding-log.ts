/**
 * `algorithms/sliding-log.ts` in Lua, function by function. What is stored is read and written whole each time, so the
 * oldest unit is always in the first place: the ring is a list, and dropping from it moves the rest down.
 */
export const slidingLogLua: string = `
algorithms['sliding-log'] = function(p)
  local limit, period = p.limit, p.period

  local function fill(c, time)
    for i = #c, 3 + limit, -1 do c[i] = nil end
    c[1], c[2] = 0, limit
    for i = 3, 2 + limit do c[i] = time end
  end
  local function newest(c)
    return c[2 + c[2]]
  end
  local function isFar(c, now)
    return newest(c) - now > 2 * period
  end
  local function cut(c, count)
    for i = #c, 3 + count, -1 do c[i] = nil end
    c[2] = count
  end
  local function drop(c, now)
    local low, high = 0, c[2]
    while low < high do
      local middle = floor((low + high) / 2)
      if c[3 + middle] + period > now then high = middle else low = middle + 1 end
    end
    if low == 0 then return end
    local count = c[2] - low
    for i = 3, 2 + count do c[i] = c[i + low] end
    cut(c, count)
  end

  local a = {}
  function a.start(c, now)
    fill(c, now - period)
  end
  function a.heal(c, now)
    if not isFar(c, now) then return false end
    fill(c, now)
    return true
  end
  function a.wait(c, now, cost)
    if cost > limit then return huge end
    if isFar(c, now) then return newest(c) - now end
    local index = c[2] + cost - limit - 1
    if index < 0 then return 0 end
    return max(0, c[3 + index] + period - now)
  end
  function a.force(c, now, cost)
    if cost == 0 then return end
    local time = max(now, newest(c))
    drop(c, now)
    local last = min(2 * limit, c[2] + cost)
    for count = c[2], last - 1 do
      if count >= limit then time = max(time, c[3 + count - limit] + period) end
      c[3 + count] = time
    end
    c[2] = last
  end
  a.charge = a.force
  function a.giveBack(c, now, amount)
    if amount == 0 or now >= a.idleAt(c) then return end
    local count = c[2] - amount
    if count > 0 then cut(c, count) else a.start(c, now) end
  end
  function a.idleAt(c)
    return newest(c) + period
  end
  return a
end
`;
