with runs as (
  -- A flake is told a second time, with its mark: each run counts once.
  select repository, project, task, key, run, max(time) as time,
    first_value(outcome order by "offset" desc) as outcome
  from tasks
  where not cached
  group by repository, project, task, key, run
), judged as (
  -- The same inputs were green: that it was red says nothing about the change.
  select *, outcome in ('red', 'timed_out')
    and bool_or(outcome = 'green') over (partition by repository, project, task, key) as flake
  from runs
)
select
  max(time) filter (where flake) as time,
  repository,
  project,
  task,
  count(*) as runs,
  count(*) filter (where flake) as flakes,
  cast(count(*) filter (where flake) as double) / count(*) as share
from judged
where outcome <> 'cancelled'
group by repository, project, task
