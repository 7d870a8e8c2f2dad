"""The files that compare.py and its peers hand each other: a job, and rows of results.

Plain Python only: every peer imports it in an environment of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COLUMNS = ("mode", "draw", "level", "unit", "key", "statistic", "value")


@dataclass(frozen=True)
class Row:
    """One released number of one draw."""

    mode: str
    draw: int
    level: int
    unit: str
    key: str
    statistic: str
    value: float


@dataclass(frozen=True)
class Job:
    """What a peer is asked: where the input is, and the queries of each mode."""

    work: Path
    budget: dict[str, Any]
    modes: dict[str, list[dict[str, Any]]]
    draws: int

    @property
    def people(self) -> Path:
        """A row a coachee and draw."""
        return self.work / "people.parquet"

    @property
    def themes(self) -> Path:
        """A row a coachee, key and draw."""
        return self.work / "themes.parquet"

    def keys(self, table: str, level: int) -> Path:
        """All declared groups of a level: draw, unit and, of themes, key."""
        return self.work / f"keys_{table}_{level}.parquet"


def load() -> tuple[Job, Path]:
    """Reads the command line of a peer: a work folder, and where results go."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--draws", type=int, required=True)
    said = parser.parse_args()
    read = json.loads((said.work / "job.json").read_text())
    return Job(said.work, read["budget"], read["modes"], said.draws), said.out


def write(path: Path, rows: Iterable[Row]) -> None:
    """Writes results as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([getattr(row, column) for column in COLUMNS])


def timed(job: Job, out: Path, facts: dict[str, Any], rows: Iterator[Row]) -> None:
    """Writes a peer's rows, and beside them what it is and how long it took."""
    start = time.monotonic()
    write(out, rows)
    seconds = time.monotonic() - start
    facts = {**facts, "draws": job.draws, "seconds": round(seconds, 1)}
    out.with_suffix(".json").write_text(json.dumps(facts, indent=1))
