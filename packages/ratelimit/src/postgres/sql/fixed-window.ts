/** `algorithms/fixed-window.ts` in PL/pgSQL, over the same cells. See `counting.ts`. */
export const fixedWindowSql: string = `
declare
  most float8 := n[1];
  period float8 := n[3];
  lead float8 := c[1] - at_time;
  used float8 := case
    when lead > 0 then c[2]
    when -lead < period then greatest(0, c[2] - most)
    else 0
  end;
  window_end float8 := c[1] + case when lead > 0 then 0 else period end;
  new_end float8 := case
    when n[5] = 1 then (floor(at_time / period) + 1) * period
    else at_time + period
  end;
begin
  if action = 'start' then
    return array[at_time, most];
  elsif action = 'heal' then
    if lead <= 2 * period then return c; end if;
    return array[new_end, most];
  elsif action = 'wait' then
    if amount > most then return array['Infinity'::float8]; end if;
    if lead > 2 * period then return array[lead]; end if;
    if used + amount <= most then return array[0::float8]; end if;
    if greatest(0, used - most) + amount <= most then
      return array[window_end - at_time];
    end if;
    return array[window_end - at_time + period];
  elsif action = 'idle' then
    return array[c[1] + case when c[2] > most then period else 0 end];
  end if;
  if amount = 0 then return c; end if;
  if action = 'give back' then
    if used = 0 then return c; end if;
    if amount >= used then return array[at_time, most]; end if;
    amount := -amount;
  elsif action = 'force' then
    amount := least(amount, 2 * most - used);
  end if;
  return array[case when used = 0 then new_end else window_end end, used + amount];
end
`;
