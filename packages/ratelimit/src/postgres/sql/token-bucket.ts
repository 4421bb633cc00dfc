/** `algorithms/token-bucket.ts` in PL/pgSQL, over the same cells: its proof holds here too. See `counting.ts`. */
export const tokenBucketSql: string = `
declare
  most float8 := n[1];
  burst float8 := n[2];
  period float8 := n[3];
  span float8 := floor(burst * period / most);
  span_rest float8 := burst * period - span * most;
  carry float8 := case when 2 * span_rest >= most then 1 else 0 end;
  far float8 := 2 * span + carry;
  far_rest float8 := 2 * span_rest - carry * most;
  lead float8 := c[1] - at_time;
  rest float8 := c[2];
  room float8;
  free float8;
  units float8;
  missing float8;
  parts float8;
  portion float8;
  remaining float8 := amount;
begin
  if action = 'start' then
    return array[at_time, 0];
  elsif action = 'heal' then
    if lead > far or (lead = far and rest > far_rest) then
      return array[at_time + span, span_rest];
    end if;
    return c;
  elsif action = 'wait' then
    if amount > burst then return array['Infinity'::float8]; end if;
    if lead < 0 then return array[0::float8]; end if;
    free := (burst - amount) * period;
    room := floor(free / most);
    if lead < room then return array[0::float8]; end if;
    return array[lead - room
      + case when rest > free - room * most then 1 else 0 end];
  elsif action = 'charge' then
    if lead < 0 then
      c[1] := at_time;
      rest := 0;
    end if;
    parts := rest + amount * period;
    units := floor(parts / most);
    return array[c[1] + units, parts - units * most];
  elsif action = 'idle' then
    return array[c[1] + case when rest = 0 then 0 else 1 end];
  end if;
  -- One burst at a time, because no product may exceed burst * period; after two the bound is reached.
  for turn in 1..2 loop
    exit when turn = 2 and remaining <= 0;
    portion := least(remaining, burst);
    remaining := remaining - portion;
    parts := portion * period;
    units := floor(parts / most);
    if action = 'force' then
      if lead < 0 then
        lead := 0;
        rest := 0;
      end if;
      missing := most - (parts - units * most);
      lead := lead + units;
      if rest >= missing then
        lead := lead + 1;
        rest := rest - missing;
      else
        rest := rest + (most - missing);
      end if;
      if lead > far or (lead = far and rest > far_rest) then
        lead := far;
        rest := far_rest;
      end if;
    else
      if lead < 0 then return c; end if;
      rest := rest - (parts - units * most);
      lead := lead - units;
      if rest < 0 then
        lead := lead - 1;
        rest := rest + most;
      end if;
      if lead < 0 then
        return array[at_time, 0];
      end if;
    end if;
  end loop;
  return array[at_time + lead, rest];
end
`;
