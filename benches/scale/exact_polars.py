"""The exact answer with Polars: distinct coachees by leaf unit, competency and theme.

    python exact_polars.py distinct|unique --data FOLDER --out FILE
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

KEY = ("competency", "theme")


def touched(data: Path) -> pl.LazyFrame:
    """A row a session and theme."""
    rows = pl.scan_parquet(data / "sessions/*.parquet")
    rows = rows.select("coachee_id", "competency", theme=pl.col("themes").str.split(";"))
    return rows.explode("theme")


def placed(rows: pl.LazyFrame, data: Path) -> pl.LazyFrame:
    """The rows with their people's units."""
    where = pl.scan_parquet(data / "people.parquet").select("person_id", "org_unit")
    return rows.join(where, left_on="coachee_id", right_on="person_id")


def distinct(data: Path) -> pl.LazyFrame:
    """Groups everything, and counts distinct coachees of each group."""
    groups = placed(touched(data), data).group_by("org_unit", *KEY)
    return groups.agg(n=pl.col("coachee_id").n_unique())


def unique(data: Path) -> pl.LazyFrame:
    """Keeps a row a coachee and key, and counts rows."""
    rows = touched(data).unique(["coachee_id", *KEY])
    return placed(rows, data).group_by("org_unit", *KEY).agg(n=pl.len())


def main() -> None:
    """Answers in one of the two ways."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("way", choices=["distinct", "unique"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    said = parser.parse_args()
    query = distinct(said.data) if said.way == "distinct" else unique(said.data)
    query.collect(engine="streaming").write_parquet(said.out)


if __name__ == "__main__":
    main()
