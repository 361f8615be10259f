"""Asks with psycopg: parameters, types, and an error that a driver understands."""

import sys
from datetime import datetime

import psycopg

host, port, token = sys.argv[1:4]
with psycopg.connect(host=host, port=int(port), user="x", password=token, dbname="trunkline") as connection:
    row = connection.execute("select title, time, files_changed from commits where title = %s", ["first"]).fetchone()
    assert row[0] == "first" and isinstance(row[1], datetime) and row[2] == 1, row
    assert connection.execute("select count(*) from spans where service = %s and duration_us >= %s", ["checkout", 0]).fetchone() == (4,)
    try:
        connection.execute("select no_such_column from events")
    except psycopg.Error as error:
        assert "TL-LAKE-001" in str(error) or "no_such_column" in str(error), error
    else:
        raise AssertionError("an unknown column was accepted")
