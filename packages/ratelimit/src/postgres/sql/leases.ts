import type { Naming } from "./names.ts";

/**
 * Who holds what, a row for each hold, and what takes, renews and releases one. Two calls about one key are carried out
 * one after the other, by an advisory lock; each takes only that one, so that they never deadlock.
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
  server_us float8;
  now_us float8;
begin
  perform pg_advisory_xact_lock(hashtextextended('${of("leases")} ' || wanted, 0));
  server_us := ${of("now")}();
  now_us := coalesce(caller_us, server_us);
  delete from ${of("leases")} l where l.key = wanted and l.ends_at <= now_us;
  if operation = 'release' then
    delete from ${of("leases")} l where l.key = wanted and l.owner = holder;
    get diagnostics changed = row_count;
    return changed;
  end if;
  update ${of("leases")} l set
    ends_at = now_us + ttl_us,
    idle_at = server_us + ttl_us + case when caller_us is null then 10000000 else 3600000000 end
  where l.key = wanted and l.owner = holder;
  if found then return 1; end if;
  if operation = 'renew' or (select count(*) from ${of("leases")} l where l.key = wanted) >= most then
    return 0;
  end if;
  perform ${of("sweep_leases")}(2);
  insert into ${of("leases")} values (
    wanted, holder, now_us + ttl_us,
    server_us + ttl_us + case when caller_us is null then 10000000 else 3600000000 end
  );
  return 1;
end
$body$;
`;
