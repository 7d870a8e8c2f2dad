"""Releases of Lodestar: a fresh project a draw, its shown numbers as rows."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from job import Row
from world import PERIOD

MODE = "lodestar"
TABLES = {
    "engagement": ("sessions_per_coachee", "minutes_per_coachee", "share_three_or_more"),
    "coaching_mix": ("coaching_share", "share_near_80_20"),
    "trigger_mix": ("share_proactive",),
}
CONFIG = """include = [{framework}, {codebook}]
[project]
organisation = "Acme"
[periods]
every = "quarter"
first = "2024-Q1"
last = "2024-Q4"
[privacy]
coalition = {coalition}
epsilon = {epsilon}
delta = {delta}
[sources.org]
path = {org}
synthetic = true
[sources.people]
path = {people}
synthetic = true
[sources.sessions]
path = {sessions}
synthetic = true
[dimensions]
job_level = ["staff", "manager", "senior", "executive"]
[[measures]]
use = "theme_prevalence"
max_cells = {max_cells}
[[measures]]
use = "engagement"
[[measures]]
use = "coaching_mix"
[[measures]]
use = "trigger_mix"
"""


def synth(binary: Path, people: int, seed: int, out: Path) -> None:
    """Makes the synthetic organisation, unless it is there."""
    if not (out / "lodestar.toml").exists():
        command = [binary, "synth", "--people", str(people), "--seed", str(seed), "--out", out]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@dataclass(frozen=True)
class Policy:
    """Budget of the window, keys a person, and coaches that k holds against."""

    epsilon: float
    delta: float
    max_cells: int
    coalition: int


def release(binary: Path, project: Path, policy: Policy, folder: Path) -> Path:
    """Runs one night of a fresh project; gives the folder of its release."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def quoted(path: str) -> str:
        return f'"{os.path.relpath(project / path, folder)}"'

    (folder / "lodestar.toml").write_text(
        CONFIG.format(
            epsilon=float(policy.epsilon),
            delta=policy.delta,
            max_cells=policy.max_cells,
            coalition=policy.coalition,
            framework=quoted("framework.toml"),
            codebook=quoted("codebook.toml"),
            org=quoted("input/org.csv"),
            people=quoted("input/people.csv"),
            sessions=quoted(f"input/sessions/{PERIOD}.parquet"),
        )
    )
    command = [binary, "run", "--config", folder / "lodestar.toml", "--as-of", "2024-05-01"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder / "published/releases" / PERIOD


def shown(folder: Path, draw: int) -> Iterator[Row]:
    """What a release shows: sizes, shares of themes, statistics of sessions."""
    themes = pl.read_parquet(folder / "theme_prevalence.parquet")
    sizes = themes.select("org_level", "org_unit", "cohort").unique(maintain_order=True)
    for level, unit, size in sizes.iter_rows():
        yield Row(MODE, draw, level, unit, "", "size", size)
    columns = themes.select("org_level", "org_unit", "competency", "theme", "share", "n")
    for level, unit, competency, theme, share, n in columns.iter_rows():
        if share is not None:
            yield Row(MODE, draw, level, unit, f"{competency}/{theme}", "share", share)
        if n is not None:
            yield Row(MODE, draw, level, unit, f"{competency}/{theme}", "n", n)
    for table, statistics in TABLES.items():
        rows = pl.read_parquet(folder / f"{table}.parquet")
        for statistic in statistics:
            values = rows.select("org_level", "org_unit", statistic).drop_nulls(statistic)
            for level, unit, value in values.iter_rows():
                yield Row(MODE, draw, level, unit, "", statistic, value)


def version(binary: Path) -> str:
    """What the binary says it is."""
    said = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True)
    return said.stdout.strip()
