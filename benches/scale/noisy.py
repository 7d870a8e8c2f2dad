"""What both peers are asked: a noisy count of coachees by leaf unit, competency and theme.

Peers are those of `../compare`, and get what they get there: a row a session and theme, with
the person and the person's unit; and all groups that there may be. Here the rows are raw: to
bound what a person adds to, four themes once each, is the library's part.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compare"))
from job import Job, Row  # noqa: E402

LEVEL = 3
UNIT = f"unit_{LEVEL}"
# Any share of a budget: time does not follow it.
RHO = 0.25
QUERY = {"name": "n", "table": "themes", "level": LEVEL, "rho": RHO, "delta": 0.0, "sums": []}
BUDGET = {"epsilon": 8.0, "delta": 1e-6, "max_cells": 4}


@dataclass(frozen=True)
class Asked:
    """The command line: the input, and where answers and what is made for the peer go."""

    data: Path
    out: Path

    @property
    def job(self) -> Job:
        """The one question, in one draw."""
        return Job(self.out.parent, BUDGET, {"scale": [QUERY]}, draws=1)


def asked() -> Asked:
    """Reads the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    return Asked(**vars(parser.parse_args()))


def keys(data: Path) -> list[str]:
    """The codebook's pairs of competency and theme, and what no theme of it is."""
    said = tomllib.loads((data / "inputs.toml").read_text())
    pairs = [f"{c}/{theme['id']}" for theme in said["themes"] for c in theme["competencies"]]
    return pairs + [f"{competency['id']}/other" for competency in said["competencies"]]


def row(unit: str, key: str, value: float) -> Row:
    """A released number."""
    return Row("scale", 0, LEVEL, unit, key, "n", value)
