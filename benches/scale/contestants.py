"""Who takes part: how each is started, in a folder of its own, and what must be there then."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import project

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
# What `theme_prevalence` has to know of a session, or to check.
COLUMNS = "session_id,coachee_id,coach_id,held_on,minutes,competency,themes,mode"
# A release of fewer rows would be too little work to compare.
LEAST_ROWS = 10_000
RELEASE = f"published/releases/{project.YEAR}"

Command = list[str | Path]


@dataclass(frozen=True)
class Place:
    """Where things are."""

    lodestar: Path
    work: Path
    data: Path

    def python(self, name: str) -> Path:
        """The interpreter of one environment."""
        return self.work / "environments" / name / "bin/python"


def nothing(_folder: Path) -> None:
    """No preparation, or nothing to check."""


@dataclass(frozen=True)
class Contestant:
    """A command, timed as a whole process in an empty folder, or in one that is kept."""

    command: Callable[[Path], Command]
    prepare: Callable[[Path], None] = nothing
    check: Callable[[Path], None] = nothing
    kept: bool = False


def run(place: Place, extra: list[str]) -> Callable[[Path], Command]:
    """A night of the project in the folder."""

    def command(folder: Path) -> Command:
        config = folder / "lodestar.toml"
        return [place.lodestar, "run", "--config", config, "--as-of", project.AS_OF, *extra]

    return command


def release(
    place: Place, measures: str, sources: str = "inputs.toml", extra: list[str] | None = None
) -> Contestant:
    """A release of a fresh project: no state, nothing published."""

    def prepare(folder: Path) -> None:
        text = project.config(place.data / sources, measures)
        (folder / "lodestar.toml").write_text(text)

    return Contestant(run(place, extra or []), prepare, published)


def published(folder: Path) -> None:
    """Fails if the release holds too little."""
    manifest = json.loads((folder / RELEASE / "manifest.json").read_text())
    rows = sum(table["rows"] for table in manifest["tables"])
    if rows < LEAST_ROWS:
        raise SystemExit(f"{folder}: {rows} rows are published, of {LEAST_ROWS} at the least")


def quiet(place: Place) -> Contestant:
    """A night after everything has been released."""
    first = release(place, project.THEMES_ALONE)

    def prepare(folder: Path) -> None:
        if not (folder / RELEASE).exists():
            first.prepare(folder)
            subprocess.run(first.command(folder), check=True, capture_output=True)

    return Contestant(first.command, prepare, published, kept=True)


def script(place: Place, environment: str, name: str, *args: str) -> Contestant:
    """A Python script that answers into a file."""

    def command(folder: Path) -> Command:
        python = place.python(environment)
        return [python, HERE / name, *args, "--data", place.data, "--out", folder / "out"]

    return Contestant(command)


def decode(place: Place) -> Contestant:
    """The columns, decoded and dropped."""
    files = sorted((place.data / "sessions").glob("*.parquet"))
    binary = REPOSITORY / "target/release/lodestar-decode"
    return Contestant(lambda _folder: [binary, COLUMNS, *files])


def scan(place: Place) -> Contestant:
    """The same of the CSV files, by Polars."""
    command: Command = [place.python("scale"), HERE / "scan_polars.py", "--data", place.data]
    return Contestant(lambda _folder: [*command, "--columns", COLUMNS])


EXACT = ("polars-distinct", "polars-unique", "duckdb-distinct", "duckdb-unique")
PEERS = ("opendp", "pipelinedp")
OF_CSV = ("lodestar-csv", "scan-csv")


def everyone(place: Place, variants: list[str]) -> dict[str, Contestant]:
    """All contestants, by name; variants are further arguments of `lodestar run`."""
    all_ = {
        "lodestar": release(place, project.THEMES_ALONE),
        "lodestar-default": release(place, project.DEFAULT_SET),
        "polars-distinct": script(place, "scale", "exact_polars.py", "distinct"),
        "polars-unique": script(place, "scale", "exact_polars.py", "unique"),
        "duckdb-distinct": script(place, "scale", "exact_duckdb.py", "distinct"),
        "duckdb-unique": script(place, "scale", "exact_duckdb.py", "unique"),
        "decode": decode(place),
        "opendp": script(place, "opendp", "noisy_opendp.py"),
        "pipelinedp": script(place, "pipelinedp", "noisy_pipelinedp.py"),
        "lodestar-csv": release(place, project.THEMES_ALONE, "inputs-csv.toml"),
        "scan-csv": scan(place),
        "quiet": quiet(place),
        "help": Contestant(lambda _folder: [place.lodestar, "--help"]),
    }
    for variant in variants:
        extra = variant.split()
        all_[f"lodestar {variant}"] = release(place, project.THEMES_ALONE, extra=extra)
    return all_


def fresh(folder: Path, contestant: Contestant) -> None:
    """Makes the contestant's folder ready, empty unless it is kept."""
    if not contestant.kept:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    contestant.prepare(folder)
