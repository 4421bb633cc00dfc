import type { Naming } from "./names.ts";

/**
 * The table and what reads and writes single rows of it.
 *
 * A row is one subject of one policy. It may go at `idle_at`, in the server's microseconds since the epoch, whatever clock
 * its cells go by. That is not the moment at which it is back to full but up to 40 s later: it is moved on only when it
 * has to be, so that most charges change no indexed column and PostgreSQL updates the row in place (HOT). The first 10 s
 * of them are for a server's clock that goes back; where callers have clocks of their own it is an hour.
 *
 * Unlogged: a decision then waits for no disk. After a crash of the server the table is empty.
 */
export const tableSql = (of: Naming): string => `
if to_regclass('${of("")}') is null then
  create unlogged table ${of("")} (
    key text collate "C" primary key,
    cells float8[],
    blocked_until float8,
    idle_at float8 not null
  ) with (fillfactor = 60);
  create index on ${of("")} (idle_at);
end if;

create or replace function ${of("now")}() returns float8 language sql volatile as $body$
  select round(date_part('epoch', clock_timestamp()) * 1000000)
$body$;

-- Locks the row of a key until the transaction ends. If there is none, makes one, with an idle_at of 0, or returns null.
-- Callers lock in the order of keys, so that no two of them wait for each other.
create or replace function ${of("hold")}(wanted text, is_made boolean)
returns ${of("")} language plpgsql as $body$
declare
  held ${of("")}%rowtype;
begin
  loop
    select * into held from ${of("")} t where t.key = wanted for update;
    if found then return held; end if;
    if not is_made then return null; end if;
    insert into ${of("")} as t (key, idle_at) values (wanted, 0)
      on conflict do nothing returning * into held;
    if found then return held; end if;
    -- Somebody else has made it since. It may be gone again too.
  end loop;
end
$body$;

-- The keys whose rows are held. One that had no row then may have one by now, which is another's: touching it would be out
-- of the order.
create or replace function ${of("hold_all")}(wanted text[], is_made boolean)
returns text[] language plpgsql as $body$
declare
  held ${of("")}%rowtype;
  held_keys text[] := '{}';
begin
  for i in 1..cardinality(wanted) loop
    held := ${of("hold")}(wanted[i], is_made);
    if held.key is not null then held_keys := held_keys || held.key; end if;
  end loop;
  return held_keys;
end
$body$;

create or replace function ${of("save")}(
  saved text, new_cells float8[], busy_us float8, server_us float8, is_caller_time boolean
) returns void language plpgsql as $body$
declare
  needed float8 := server_us + greatest(0, busy_us)
    + case when is_caller_time then 3600000000 else 10000000 end;
begin
  update ${of("")} t set cells = new_cells, idle_at = case
    when t.idle_at < needed then needed + 30000000
    else t.idle_at
  end where t.key = saved;
end
$body$;

-- Deletes rows that may go, but none that somebody holds.
create or replace function ${of("sweep")}(most int) returns int language plpgsql
set enable_seqscan = off as $body$
declare
  deleted int;
  server_us float8 := ${of("now")}();
begin
  delete from ${of("")} t where t.key = any(array(
    select e.key from ${of("")} e where e.idle_at < server_us
    order by e.idle_at limit most for update skip locked
  ));
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;`;
