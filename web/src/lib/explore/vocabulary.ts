/** The words of the SQL that the lake speaks. Completion offers these only: a general dialect brings hundreds that fail here. */
export const KEYWORDS = (
  'select from where group by order having limit offset distinct all as and or not in is null like ilike between exists ' +
  'case when then else end join inner left right full outer cross natural on using union intersect except with recursive values ' +
  'asc desc nulls first last over partition rows range unbounded preceding following current row filter within cast extract ' +
  'interval explain analyze describe show tables columns true false'
).split(' ');

export const TYPES =
  'bigint boolean bool char date decimal double float int integer real smallint string text time timestamp varchar'.split(
    ' ',
  );

export const FUNCTIONS = (
  'abs approx_distinct approx_percentile_cont array_agg avg bool_and bool_or btrim ceil char_length coalesce concat concat_ws ' +
  'contains corr count cume_dist date_bin date_part date_trunc dense_rank ends_with exp first_value floor from_unixtime greatest ' +
  'lag last_value lead least length ln log log10 lower lpad max md5 median min now nth_value ntile nullif percent_rank power ' +
  'rank regexp_like regexp_match regexp_replace replace reverse round row_number rpad sha256 split_part sqrt starts_with stddev ' +
  'strpos substr sum time_bucket to_char to_timestamp trim trunc upper json_get json_get_str json_get_int json_get_float ' +
  'json_get_bool json_get_json json_as_text json_contains json_length json_object_keys'
).split(' ');
