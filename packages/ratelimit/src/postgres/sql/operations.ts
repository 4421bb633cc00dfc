import type { Naming } from "./names.ts";

/**
 * The operations of a store, each atomic and one call. Keys come in their order; `numbers` has seven for each policy: what
 * `count` takes, then whether the policy can refuse, then the caller's time in the policy's units. `caller_us` is the
 * caller's time too, null if the server's own counts: that is read once, when all rows are locked, so that what is decided
 * later on a row is later.
 *
 * Plans are kept for as long as a connection lives. One made while the table is small would scan all of it, and still do so
 * when it has grown: hence no such scans.
 *
 * `decide` answers `<refusal>;<refused> <blocked for> <now> <cell> …;…`, one part for each policy, all in whole numbers.
 */
export const operationsSql = (of: Naming): string => `
create or replace function ${of("decide")}(
  keys text[], block_keys text[], kinds text[], numbers float8[],
  cost float8, is_take boolean, caller_us float8
) returns text language plpgsql set enable_seqscan = off as $body$
declare
  parts int := cardinality(keys);
  rows ${of("")}[];
  held ${of("")}%rowtype;
  n float8[];
  times float8[];
  blocked float8[];
  refused boolean[];
  is_healed boolean[];
  server_us float8;
  until_us float8;
  new_cells float8[];
  refusal int := 0;
  has_new boolean := false;
  answer text := '';
begin
  for i in 1..parts loop
    rows[i] := ${of("hold")}(keys[i], is_take);
  end loop;
  server_us := ${of("now")}();
  for i in 1..parts loop
    n := numbers[7 * i - 6:7 * i];
    held := rows[i];
    times[i] := case
      when caller_us is not null then n[7]
      when n[4] = 1 then floor(server_us / 1000 + 0.5)
      else server_us
    end;
    new_cells := ${of("count")}(
      kinds[i], case when held.cells is null then 'start' else 'heal' end, n, held.cells, times[i], 0);
    is_healed[i] := held.cells <> new_cells;
    until_us := held.blocked_until;
    if block_keys[i] is not null then
      select t.blocked_until into until_us from ${of("")} t where t.key = block_keys[i];
    end if;
    blocked[i] := greatest(0, coalesce(until_us, '-Infinity') - coalesce(caller_us, server_us));
    refused[i] := blocked[i] > 0
      or (${of("count")}(kinds[i], 'wait', n, new_cells, times[i], cost))[1] > 0;
    if refused[i] and n[6] = 1 then
      refusal := case when blocked[i] > 0 then 2 else greatest(refusal, 1) end;
    end if;
    held.cells := new_cells;
    rows[i] := held;
  end loop;
  for i in 1..parts loop
    n := numbers[7 * i - 6:7 * i];
    held := rows[i];
    new_cells := held.cells;
    if is_take and refusal = 0 and not refused[i] then
      new_cells := ${of("count")}(kinds[i], 'charge', n, new_cells, times[i], cost);
      has_new := has_new or held.idle_at = 0;
      is_healed[i] := true;
    elsif held.idle_at = 0 then
      -- A refusal leaves nothing behind.
      delete from ${of("")} t where t.key = held.key;
    end if;
    if is_healed[i] then
      perform ${of("save")}(keys[i], new_cells,
        ((${of("count")}(kinds[i], 'idle', n, new_cells, times[i], 0))[1] - times[i]) * 1000 / n[4],
        server_us, caller_us is not null);
    end if;
    answer := answer || ';' || refused[i]::int || ' ' || blocked[i]::bigint || ' '
      || times[i]::bigint || ' ' || array_to_string(new_cells::bigint[], ' ');
  end loop;
  if has_new then
    perform ${of("sweep")}(2);
  end if;
  return refusal || answer;
end
$body$;

create or replace function ${of("adjust")}(
  keys text[], kinds text[], numbers float8[], amount float8, caller_us float8
) returns void language plpgsql set enable_seqscan = off as $body$
declare
  rows ${of("")}[];
  held ${of("")}%rowtype;
  n float8[];
  at_time float8;
  server_us float8;
  new_cells float8[];
begin
  for i in 1..cardinality(keys) loop
    rows[i] := ${of("hold")}(keys[i], amount > 0);
  end loop;
  server_us := ${of("now")}();
  for i in 1..cardinality(keys) loop
    n := numbers[7 * i - 6:7 * i];
    held := rows[i];
    -- Who has taken nothing has nothing to get back.
    continue when held.cells is null and amount < 0;
    at_time := case
      when caller_us is not null then n[7]
      when n[4] = 1 then floor(server_us / 1000 + 0.5)
      else server_us
    end;
    new_cells := ${of("count")}(
      kinds[i], case when held.cells is null then 'start' else 'heal' end, n, held.cells, at_time, 0);
    new_cells := ${of("count")}(
      kinds[i], case when amount > 0 then 'force' else 'give back' end, n, new_cells, at_time, abs(amount));
    perform ${of("save")}(keys[i], new_cells,
      ((${of("count")}(kinds[i], 'idle', n, new_cells, at_time, 0))[1] - at_time) * 1000 / n[4],
      server_us, caller_us is not null);
  end loop;
end
$body$;

create or replace function ${of("block")}(
  keys text[], for_us float8, caller_us float8
) returns void language plpgsql set enable_seqscan = off as $body$
declare
  held_keys text[] := ${of("hold_all")}(keys, for_us > 0);
  server_us float8 := ${of("now")}();
begin
  update ${of("")} t set
    blocked_until = case when for_us > 0 then coalesce(caller_us, server_us) + for_us end,
    idle_at = greatest(t.idle_at, server_us + for_us
      + case when caller_us is null then 10000000 else 3600000000 end)
  where t.key = any(held_keys);
end
$body$;

create or replace function ${of("reset")}(keys text[]) returns void language plpgsql set enable_seqscan = off as $body$
declare
  held_keys text[] := ${of("hold_all")}(keys, false);
begin
  delete from ${of("")} t where t.key = any(held_keys);
end
$body$;`;
