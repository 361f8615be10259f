select
  max(time) filter (where state = 'landed') as time,
  repository,
  change,
  first_value(title order by "offset" desc) as title,
  first_value(author order by "offset" desc) as author,
  first_value(mode order by "offset" desc) as mode,
  max(revision) as revisions,
  first_value(landed order by "offset" desc) as "commit",
  min(time) as pushed,
  cast(extract(epoch from max(time) filter (where state = 'landed') - min(time)) as double) as seconds
from changes
group by repository, change
having bool_or(state = 'landed')
