with runs as (
  -- A flake is told a second time, with its mark: each run counts once.
  select repository, project, task, run, cast(min(time) as date) as day, bool_or(cached) as cached,
    first_value(outcome order by "offset" desc) = 'green' as green,
    max(milliseconds) / 1000.0 as seconds
  from tasks
  group by repository, project, task, run
), priced as (
  select *, avg(case when green and not cached then seconds end) over (partition by repository, project, task) as usual
  from runs
)
select
  day,
  repository,
  project,
  task,
  count(*) filter (where not cached) as runs,
  coalesce(sum(seconds) filter (where not cached), 0.0) as run_seconds,
  count(*) filter (where cached) as cached,
  cast(count(*) filter (where cached) as double) / count(*) as cached_share,
  coalesce(sum(greatest(usual - seconds, 0.0)) filter (where cached), 0.0) as saved_seconds
from priced
group by day, repository, project, task
