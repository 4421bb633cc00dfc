/**
 * `algorithms/sliding-log.ts` in PL/pgSQL. A row is read and written whole each time, so the oldest unit is always in the first
 * place: the ring is a list no longer than its units, and dropping from it moves the rest down. See `counting.ts`.
 */
export const slidingLogSql: string = `
declare
  most int := n[1];
  period float8 := n[3];
  units int := c[2];
  newest float8 := c[2 + units];
  low int := 0;
  high int := units;
  middle int;
  last int;
  latest float8;
begin
  if action = 'start' then
    return array[0, most]::float8[] || array_fill(at_time - period, array[most]);
  elsif action = 'heal' then
    if newest - at_time <= 2 * period then return c; end if;
    return array[0, most]::float8[] || array_fill(at_time, array[most]);
  elsif action = 'idle' then
    return array[newest + period];
  elsif action = 'wait' then
    if amount > most then return array['Infinity'::float8]; end if;
    if newest - at_time > 2 * period then return array[newest - at_time]; end if;
    -- The youngest unit that has to go first.
    last := units + amount - most - 1;
    if last < 0 then return array[0::float8]; end if;
    return array[greatest(0, c[3 + last] + period - at_time)];
  end if;
  if amount = 0 then return c; end if;
  if action = 'give back' then
    if at_time >= newest + period then return c; end if;
    if amount >= units then
      return array[0, most]::float8[] || array_fill(at_time - period, array[most]);
    end if;
    units := units - amount;
    return array[0, units]::float8[] || c[3:2 + units];
  end if;
  while low < high loop
    middle := (low + high) / 2;
    if c[3 + middle] + period > at_time then
      high := middle;
    else
      low := middle + 1;
    end if;
  end loop;
  units := units - low;
  c := array[0, units]::float8[] || c[3 + low:2 + low + units];
  latest := greatest(at_time, newest);
  last := least(2 * most, units + amount);
  while units < last loop
    if units >= most then
      latest := greatest(latest, c[3 + units - most] + period);
    end if;
    c[3 + units] := latest;
    units := units + 1;
  end loop;
  c[2] := units;
  return c;
end
`;
