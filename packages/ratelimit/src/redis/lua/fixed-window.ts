/** `algorithms/fixed-window.ts` in Lua, function by function over the same cells. */
export const fixedWindowLua: string = `
algorithms['fixed-window'] = function(p)
  local limit, period, byWall = p.limit, p.period, p.byWall

  local function usedAt(c, now)
    local over = now - c[1]
    if over < 0 then return c[2] end
    if over < period then return max(0, c[2] - limit) end
    return 0
  end
  local function endAt(c, now)
    if now < c[1] then return c[1] end
    return c[1] + period
  end
  local function endOfNew(now)
    if byWall then return (floor(now / period) + 1) * period end
    return now + period
  end
  local function add(c, now, used, cost)
    c[1] = used == 0 and endOfNew(now) or endAt(c, now)
    c[2] = used + cost
  end

  local a = {}
  function a.start(c, now)
    c[1], c[2] = now, limit
  end
  function a.heal(c, now)
    if c[1] - now <= 2 * period then return false end
    c[1], c[2] = endOfNew(now), limit
    return true
  end
  function a.wait(c, now, cost)
    if cost > limit then return huge end
    local lead = c[1] - now
    if lead > 2 * period then return lead end
    local used = usedAt(c, now)
    if used + cost <= limit then return 0 end
    local untilEnd = endAt(c, now) - now
    local carried = max(0, used - limit)
    if carried + cost <= limit then return untilEnd end
    return untilEnd + period
  end
  function a.charge(c, now, cost)
    if cost > 0 then add(c, now, usedAt(c, now), cost) end
  end
  function a.force(c, now, cost)
    local used = usedAt(c, now)
    if cost > 0 then add(c, now, used, min(cost, 2 * limit - used)) end
  end
  function a.giveBack(c, now, amount)
    local used = usedAt(c, now)
    if used == 0 or amount == 0 then return end
    if amount >= used then a.start(c, now) else add(c, now, used, -amount) end
  end
  function a.idleAt(c)
    if c[2] > limit then return c[1] + period end
    return c[1]
  end
  return a
end
`;
