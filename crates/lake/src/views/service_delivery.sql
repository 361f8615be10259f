with ended as (
  select service, deployment, max(kind) as kind, max(release) as release, max(previous) as previous, max("commit") as "commit",
    first_value(state order by "offset" desc) as outcome, max(time) as ended,
    min(time) filter (where state in ('canary', 'baking', 'settled')) as served
  from deployments
  group by service, deployment
), went_back as (
  -- The first time that somebody left it: it may have been promoted again.
  select service, previous as release, min(ended) as ended
  from ended
  where kind = 'rollback' and outcome = 'settled'
  group by service, previous
), pushed as (
  select "commit", min(pushed) as pushed
  from lead_time
  group by "commit"
), released as (
  select cast(one.ended as date) as day, one.service, one.outcome,
    one.outcome = 'rolled_back' or went_back.ended is not null as taken_back,
    case when one.outcome = 'settled' then cast(extract(epoch from one.ended - pushed.pushed) as double) end as lead,
    cast(extract(epoch from coalesce(went_back.ended, case when one.outcome = 'rolled_back' then one.ended end) - one.served) as double) as recovery
  from ended one
  left join went_back on went_back.service = one.service and went_back.release = one.release
  left join pushed on pushed."commit" = one."commit"
  where one.kind = 'release' and one.outcome in ('settled', 'rolled_back', 'failed')
)
select
  day,
  service,
  count(*) filter (where outcome <> 'failed') as deployments,
  count(*) filter (where outcome = 'failed') as not_started,
  count(*) filter (where taken_back) as taken_back,
  cast(count(*) filter (where taken_back) as double) / nullif(count(*) filter (where outcome <> 'failed'), 0) as change_failure_share,
  median(lead) as lead_seconds_median,
  percentile_cont(0.95) within group (order by lead) as lead_seconds_p95,
  median(recovery) as recovery_seconds_median,
  percentile_cont(0.95) within group (order by recovery) as recovery_seconds_p95
from released
group by day, service
