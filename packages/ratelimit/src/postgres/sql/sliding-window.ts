/** `algorithms/sliding-window.ts` in PL/pgSQL, over the same cells. See `counting.ts`. */
export const slidingWindowSql: string = `
declare
  most float8 := n[1];
  period float8 := n[3];
  begin_of float8 := floor(at_time / period) * period;
  elapsed float8 := at_time - c[1];
  previous float8 := c[2];
  recent float8 := c[3];
  free float8;
  opens float8;
  units float8;
  span float8;
  counted float8;
  whole float8;
  more float8;
  latest float8;
begin
  if action = 'start' then
    return array[begin_of - period, most, 0];
  elsif action = 'heal' then
    if -elapsed <= period then return c; end if;
    return array[begin_of, 0, most];
  elsif action = 'idle' then
    return array[c[1] + case when recent = 0 then 1 else 2 end * period];
  elsif action = 'wait' then
    if amount > most then return array['Infinity'::float8]; end if;
    if elapsed < -period then return array[-elapsed]; end if;
    if elapsed >= period then
      previous := case when elapsed < 2 * period then recent else 0 end;
      recent := 0;
      elapsed := elapsed - period;
    end if;
    free := most - amount - recent;
    if free < 0 then
      previous := recent;
      opens := most - amount;
    else
      opens := free;
    end if;
    -- How far into a window the units of the one before it leave that much room.
    opens := case
      when previous <= opens then 0
      else period - floor(opens * period / previous)
    end;
    if free < 0 then return array[period + opens - elapsed]; end if;
    if opens <= greatest(0, elapsed) then return array[0::float8]; end if;
    return array[opens - elapsed];
  end if;
  if amount = 0 then return c; end if;
  if action = 'give back'
    and at_time >= c[1] + (case when recent = 0 then 1 else 2 end) * period
  then
    return c;
  end if;
  if elapsed >= period then
    c[1] := begin_of;
    previous := case when elapsed < 2 * period then recent else 0 end;
    recent := 0;
  end if;
  if action = 'charge' then
    recent := recent + amount;
  elsif action = 'force' then
    -- What counts, rounded up; above the limit in two parts, because the product may be inexact.
    span := least(period, period - (at_time - c[1]));
    units := least(previous, most) * span;
    if previous <= most then
      counted := ceil(units / period);
    else
      whole := floor(units / period);
      more := floor((previous - most) * span / period);
      counted := whole + more + ceil((units - whole * period
        + ((previous - most) * span - more * period)) / period);
    end if;
    recent := recent + least(amount, greatest(0, 2 * most - (recent + counted)));
  elsif amount >= previous + recent then
    return array[begin_of - period, most, 0];
  else
    latest := least(amount, recent);
    previous := previous - (amount - latest);
    recent := recent - latest;
  end if;
  return array[c[1], previous, recent];
end
`;
