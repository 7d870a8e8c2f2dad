"""Runs a page's blocks in their order, in one process, in the current folder.

Reads `{"page": …, "blocks": [{"line": …, "language": …, "text": …}]}` from stdin.
Python blocks share their names. SQL blocks run in DuckDB's default connection, which
Python blocks see as `duckdb`; each must give rows, and none if it begins with
`-- No row`.
"""

import json
import sys

import duckdb


def run_sql(text, place):
    rows = duckdb.execute(text).fetchall()
    if text.startswith("-- No row"):
        assert not rows, f"{place}: {len(rows)} rows where none should be"
    else:
        assert rows, f"{place}: no row"


def main():
    page = json.load(sys.stdin)
    names = {"__name__": "page"}
    for block in page["blocks"]:
        place = f"{page['page']}:{block['line']}"
        print("running", place, flush=True)
        if block["language"] == "sql":
            run_sql(block["text"], place)
        else:
            exec(compile(block["text"], place, "exec"), names)


main()
