/**
 * What a key holds: `<blocked until>!<cell> <cell> ...`, in which either half may be missing. One cell alone stands for
 * two, of which the second is 0.
 */
export const stateLua: string = `
local format = string.format

local function text(number)
  return format('%.0f', number)
end

-- Until when it is blocked, and the cells, of what a key holds or false.
local function read(value)
  local untilUs, cells = -huge, nil
  if not value then return untilUs, cells end
  local mark = string.find(value, '!', 1, true)
  if mark then
    untilUs = tonumber(string.sub(value, 1, mark - 1)) or -huge
    value = string.sub(value, mark + 1)
  end
  local alone = tonumber(value)
  if alone then
    cells = { alone, 0 }
  elseif value ~= '' then
    local count = 0
    cells = {}
    for word in string.gmatch(value, '%S+') do
      count = count + 1
      cells[count] = tonumber(word)
    end
  end
  return untilUs, cells
end

local function textOf(cells)
  local count = #cells
  if count == 2 then
    if cells[2] == 0 then return format('%.0f', cells[1]) end
    return format('%.0f %.0f', cells[1], cells[2])
  end
  if count == 3 then
    return format('%.0f %.0f %.0f', cells[1], cells[2], cells[3])
  end
  local words = {}
  for i = 1, count do words[i] = format('%.0f', cells[i]) end
  return table.concat(words, ' ')
end
`;
