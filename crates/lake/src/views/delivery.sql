with ends as (
  select cast(time as date) as day, repository, outcome, json_length(changes) as changes, tasks, ran, cast(null as double) as seconds
  from landings
  union all
  select cast(time as date) as day, repository, 'change' as outcome, null as changes, null as tasks, null as ran, seconds
  from lead_time
)
select
  day,
  repository,
  count(*) filter (where outcome = 'landed') as landings,
  count(seconds) as landed_changes,
  count(*) filter (where outcome = 'refused') as refusals,
  cast(coalesce(sum(changes) filter (where outcome = 'refused'), 0) as bigint) as refused_changes,
  median(seconds) as lead_seconds_median,
  percentile_cont(0.95) within group (order by seconds) as lead_seconds_p95,
  coalesce(sum(tasks), 0) as tasks,
  coalesce(sum(ran), 0) as ran
from ends
group by day, repository
