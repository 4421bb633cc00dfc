import type { Naming } from "./names.ts";

/**
 * Who holds what, a row for each hold, and what takes, renews and releases one. A key in use has a row without owner as
 * well, which every call about it writes first: so they are carried out one after the other, and where the connections'
 * isolation keeps a call from seeing what the one before has done, PostgreSQL undoes it and it is sent again. Each waits for
 * one such row only, so that they never deadlock.
 *
 * `ends_at` goes by the caller's time where that is given; `idle_at`, when the row may go at the latest, by the server's.
 * New holds delete two such rows, as those of subjects do: most are gone sooner, with the next call about their key.
 */
export const leasesSql = (of: Naming): string => `
if to_regclass('${of("leases")}') is null then
  create unlogged table ${of("leases")} (
    key text collate "C",
    owner text collate "C",
    ends_at float8 not null,
    idle_at float8 not null,
    primary key (key, owner)
  );
  create index on ${of("leases")} (idle_at);
end if;

create or replace function ${of("sweep_leases")}(most int) returns int language plpgsql
set enable_seqscan = off as $body$
declare
  deleted int;
  server_us float8 := ${of("now")}();
begin
  delete from ${of("leases")} l where (l.key, l.owner) in (
    select e.key, e.owner from ${of("leases")} e where e.idle_at < server_us
    order by e.idle_at limit most for update skip locked
  );
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;

-- 1: done; 0: there was no place, or the hold had ended.
create or replace function ${of("lease")}(
  operation text, wanted text, holder text, ttl_us float8, most float8, caller_us float8
) returns int language plpgsql set enable_seqscan = off as $body$
declare
  changed int;
  server_us float8 := ${of("now")}();
  now_us float8;
  needed float8 := server_us + ttl_us + case when caller_us is null then 10000000 else 3600000000 end;
begin
  insert into ${of("leases")} as l values (wanted, '', 'Infinity', needed + 30000000)
    on conflict (key, owner) do update set
      idle_at = case when l.idle_at < needed then needed + 30000000 else l.idle_at end;
  server_us := ${of("now")}();
  now_us := coalesce(caller_us, server_us);
  delete from ${of("leases")} l where l.key = wanted and l.ends_at <= now_us;
  if operation = 'release' then
    delete from ${of("leases")} l where l.key = wanted and l.owner = holder;
    get diagnostics changed = row_count;
  else
    update ${of("leases")} l set ends_at = now_us + ttl_us, idle_at = needed
    where l.key = wanted and l.owner = holder;
    get diagnostics changed = row_count;
    if changed = 0 and operation = 'acquire'
      and (select count(*) from ${of("leases")} l where l.key = wanted and l.owner <> '') < most
    then
      perform ${of("sweep_leases")}(2);
      insert into ${of("leases")} values (wanted, holder, now_us + ttl_us, needed);
      changed := 1;
    end if;
  end if;
  if not exists (select from ${of("leases")} l where l.key = wanted and l.owner <> '') then
    delete from ${of("leases")} l where l.key = wanted;
  end if;
  return changed;
end
$body$;
`;
