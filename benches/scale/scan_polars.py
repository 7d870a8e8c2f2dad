"""Polars reads columns of the sessions as CSV, and keeps nothing of them.

    python scan_polars.py --data FOLDER --columns A,B,...
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl


def main() -> None:
    """Parses every value, and counts those that are missing."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--columns", required=True)
    said = parser.parse_args()
    rows = pl.scan_csv(said.data / "csv/*.csv", try_parse_dates=True)
    asked = rows.select(said.columns.split(",")).select(pl.all().null_count())
    asked.collect(engine="streaming")


if __name__ == "__main__":
    main()
