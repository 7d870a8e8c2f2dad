"""What is asked of a peer: queries with their share of one release's budget.

A query counts the rows of a table, or sums some of its columns, per unit of a level. It
stands in a JSON file, so that peers need nothing but their own packages to read it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

LEVELS = (0, 1, 2)
# Bounds of the built-in measures, as docs/measures.md says: minutes in 1/100.
CLIPS = {
    "sessions": 12,
    "minutes": 60_000,
    "three": 1,
    "near": 1,
    "whole": 30_000,
    "coaching": 30_000,
    "triggered": 6,
    "proactive": 6,
}
QUESTIONS = {
    "engagement": ("sessions", "minutes", "three"),
    "coaching_mix": ("coaching", "whole", "near"),
    "trigger_mix": ("proactive", "triggered"),
}
# The order of the coordinates in the manifest's vector.
COORDINATES = (
    "coaching",
    "whole",
    "near",
    "sessions",
    "minutes",
    "three",
    "proactive",
    "triggered",
)


@dataclass(frozen=True)
class Sum:
    """A sum of one column of people, with the bounds of what one person adds."""

    name: str
    column: str
    low: int
    high: int


@dataclass(frozen=True)
class Query:
    """One query: its numbers share its ρ evenly."""

    name: str
    table: str
    level: int
    rho: float
    delta: float = 0.0
    sums: list[Sum] = field(default_factory=list)

    @property
    def numbers(self) -> int:
        """How many numbers share the query's ρ."""
        return max(1, len(self.sums))


@dataclass(frozen=True)
class Budget:
    """What one release of Lodestar spends, and how, from its manifest."""

    rho: float
    epsilon: float
    delta: float
    k: int
    max_cells: int
    selection_rho: list[float]
    selection_delta: list[float]
    size_rho: list[float]
    theme_rho: list[float]
    vector_rho: list[float]
    factors: list[int]


def read_budget(manifest: Path) -> Budget:
    """Reads the budget from a release's manifest."""
    said = json.loads(manifest.read_text())
    privacy = said["privacy"]
    levels = said["cohorts"][0]["levels"]
    themes = next(v for v in said["vectors"] if v["name"] == "theme_prevalence")
    vector = next(v for v in said["vectors"] if "engagement" in v["name"])
    if len(said["cohorts"]) != 1 or len(vector["coordinates"]) != len(COORDINATES):
        raise SystemExit("the manifest holds other measures than are compared")
    return Budget(
        rho=privacy["rho_release_micro"] / 1e6,
        epsilon=privacy["epsilon_release"],
        delta=privacy["delta_release"],
        k=privacy["k"],
        max_cells=themes["max_cells"],
        selection_rho=[level["selection_rho_micro"] / 1e6 for level in levels],
        selection_delta=[level["selection_delta_femto"] / 1e15 for level in levels],
        size_rho=[level["size_rho_micro"] / 1e6 for level in levels],
        theme_rho=[level["rho_micro"] / 1e6 for level in themes["levels"]],
        vector_rho=[level["rho_micro"] / 1e6 for level in vector["levels"]],
        factors=[coordinate["factor"] for coordinate in vector["coordinates"]],
    )


def raw(column: str) -> Sum:
    """The sum of a column as it is."""
    return Sum(column, column, 0, CLIPS[column])


def coordinate(column: str) -> Sum:
    """The sum of a column as Lodestar bounds it: centred, in half steps."""
    return Sum(column, f"{column}_centred", -CLIPS[column], CLIPS[column])


def even(budget: Budget) -> list[Query]:
    """The whole job: sizes, themes and three tables at three levels, split evenly.

    The thresholded sizes stand for the sizes where keys are private: of the two a
    release asks one.
    """
    rho = budget.rho / (len(LEVELS) * (len(QUESTIONS) + 2))
    queries = []
    for level in LEVELS:
        delta = budget.selection_delta[level]
        queries.append(Query("size", "people", level, rho))
        queries.append(Query("size_thresholded", "people", level, rho, delta))
        queries.append(Query("themes", "themes", level, rho))
        for name, columns in QUESTIONS.items():
            queries.append(Query(name, "people", level, rho, sums=[raw(c) for c in columns]))
    return queries


def alike(budget: Budget) -> list[Query]:
    """Lodestar's own split, keys and bounds: of its vector each coordinate's part."""
    queries = []
    for level in LEVELS:
        queries.append(Query("size", "people", level, budget.size_rho[level]))
        queries.append(
            Query(
                "size_thresholded",
                "people",
                level,
                budget.selection_rho[level],
                budget.selection_delta[level],
            )
        )
        queries.append(Query("themes", "themes", level, budget.theme_rho[level]))
        queries.extend(vector(budget, level))
    return queries


def vector(budget: Budget, level: int) -> list[Query]:
    """The coordinates of Lodestar's vector, those of one factor in one query."""
    whole = sum(factor**2 for factor in budget.factors)
    queries = []
    for factor in sorted(set(budget.factors)):
        sums = [
            coordinate(c) for c, f in zip(COORDINATES, budget.factors, strict=True) if f == factor
        ]
        rho = budget.vector_rho[level] * len(sums) * factor**2 / whole
        queries.append(Query(f"vector_{factor}", "people", level, rho, sums=sums))
    return queries


def write(path: Path, budget: Budget, modes: dict[str, list[Query]]) -> None:
    """Writes the job that peers read."""
    job: dict[str, Any] = {
        "budget": asdict(budget),
        "modes": {name: [asdict(query) for query in queries] for name, queries in modes.items()},
    }
    path.write_text(json.dumps(job, indent=1))
