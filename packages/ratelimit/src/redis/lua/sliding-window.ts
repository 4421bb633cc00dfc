/** `algorithms/sliding-window.ts` in Lua, function by function over the same cells. */
export const slidingWindowLua: string = `
algorithms['sliding-window'] = function(p)
  local limit, period = p.limit, p.period

  local function beginOf(now)
    return floor(now / period) * period
  end
  local function opens(counted, free)
    if counted <= free then return 0 end
    return period - floor(free * period / counted)
  end
  local function roll(c, now)
    local elapsed = now - c[1]
    if elapsed < period then return end
    c[1] = beginOf(now)
    c[2] = elapsed < 2 * period and c[3] or 0
    c[3] = 0
  end
  local function share(units, left)
    local first = min(units, limit) * left
    if units <= limit then return ceil(first / period) end
    local second = (units - limit) * left
    local whole = floor(first / period)
    local more = floor(second / period)
    local rest = first - whole * period + (second - more * period)
    return whole + more + ceil(rest / period)
  end
  local function countedAt(c, now)
    local elapsed = now - c[1]
    if elapsed < period then
      return c[3] + share(c[2], min(period, period - elapsed))
    end
    if elapsed < 2 * period then return share(c[3], 2 * period - elapsed) end
    return 0
  end

  local a = {}
  function a.start(c, now)
    c[1], c[2], c[3] = beginOf(now) - period, limit, 0
  end
  function a.heal(c, now)
    if c[1] - now <= period then return false end
    c[1], c[2], c[3] = beginOf(now), 0, limit
    return true
  end
  function a.wait(c, now, cost)
    if cost > limit then return huge end
    local elapsed = now - c[1]
    if elapsed < -period then return -elapsed end
    local previous, current = c[2], c[3]
    if elapsed >= period then
      previous = elapsed < 2 * period and current or 0
      current = 0
      elapsed = elapsed - period
    end
    local free = limit - cost - current
    if free < 0 then return period + opens(current, limit - cost) - elapsed end
    local from = opens(previous, free)
    if from <= max(0, elapsed) then return 0 end
    return from - elapsed
  end
  function a.charge(c, now, cost)
    if cost == 0 then return end
    roll(c, now)
    c[3] = c[3] + cost
  end
  function a.force(c, now, cost)
    if cost == 0 then return end
    roll(c, now)
    local room = 2 * limit - countedAt(c, now)
    c[3] = c[3] + min(cost, max(0, room))
  end
  function a.giveBack(c, now, amount)
    if amount == 0 or now >= a.idleAt(c) then return end
    roll(c, now)
    local previous, current = c[2], c[3]
    if amount >= previous + current then
      a.start(c, now)
      return
    end
    local latest = min(amount, current)
    c[2] = previous - (amount - latest)
    c[3] = current - latest
  end
  function a.idleAt(c)
    return c[1] + (c[3] == 0 and 1 or 2) * period
  end
  return a
end
`;
