"""Answers statements, one JSON text a line, over the newest version of a Delta table, with DuckDB on two threads."""

import json
import sys
import time

import deltalake
import duckdb

files = deltalake.DeltaTable(sys.argv[1]).file_uris()
connection = duckdb.connect()
connection.execute("set threads = 2")
connection.execute("set timezone = 'UTC'")
connection.execute("create view telemetry as select * from read_parquet(?, hive_partitioning = true)".replace("?", repr(files)))
print(duckdb.__version__, flush=True)
for line in sys.stdin:
    query = json.loads(line)
    started = time.perf_counter()
    rows = connection.execute(query).fetchall()
    print(json.dumps({"seconds": time.perf_counter() - started, "rows": len(rows)}), flush=True)
