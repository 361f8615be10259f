"""Reads a Delta table with the deltalake package and with DuckDB, and prints what they count."""

import json
import sys

import duckdb
from deltalake import DeltaTable

table = DeltaTable(sys.argv[1])
rows = table.to_pyarrow_table()
files = table.file_uris()
count, total, devices = duckdb.sql(
    f"select count(*), sum(value), count(distinct device_id) from read_parquet({files!r})"
).fetchall()[0]
print(json.dumps({"deltalake": rows.num_rows, "duckdb": count, "sum": total, "devices": devices}))
