"""The exact answer with DuckDB: distinct coachees by leaf unit, competency and theme.

    python exact_duckdb.py distinct|unique --data FOLDER --out FILE
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

TOUCHED = """
    SELECT coachee_id, competency, unnest(string_split(themes, ';')) AS theme
    FROM read_parquet('{data}/sessions/*.parquet')"""
WAYS = {
    "distinct": """
    SELECT org_unit, competency, theme, count(DISTINCT coachee_id) AS n
    FROM ({touched}) AS touched
    JOIN read_parquet('{data}/people.parquet') AS people ON coachee_id = person_id
    GROUP BY ALL""",
    "unique": """
    SELECT org_unit, competency, theme, count(*) AS n
    FROM (SELECT DISTINCT * FROM ({touched})) AS touched
    JOIN read_parquet('{data}/people.parquet') AS people ON coachee_id = person_id
    GROUP BY ALL""",
}


def main() -> None:
    """Answers in one of the two ways."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    said = parser.parse_args()
    touched = TOUCHED.format(data=said.data)
    query = WAYS[said.way].format(data=said.data, touched=touched)
    duckdb.sql(f"COPY ({query}) TO '{said.out}' (FORMAT parquet)")


if __name__ == "__main__":
    main()
