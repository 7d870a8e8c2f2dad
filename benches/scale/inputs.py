"""Writes the input of the scale benchmark: one year of one organisation.

    python inputs.py --sessions 20m --out FOLDER

People, coaches and units grow with the sessions as `SIZES` says. The same size and seed
make the same rows. Sessions are made a row group at a time, so memory holds the people and
one row group, however many sessions there are.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from project import DEFAULT_SET, THEMES_ALONE, YEAR, config

ROW_GROUP = 1_000_000
FILE_ROWS = 5_000_000
SESSIONS_PER_PERSON = 20
PEOPLE_PER_COACH = 50
DIVISIONS = 12
DEPARTMENTS = 12
TEAMS = 13
COMPETENCIES = 12
THEMES = 5
JOB_LEVELS = ("staff", "manager", "senior", "executive")
SIZES = {"1m": 1_000_000, "10m": 10_000_000, "20m": 20_000_000, "100m": 100_000_000}


@dataclass(frozen=True)
class People:
    """Who there is, by position: ids, coaches, and how much of the activity is theirs."""

    ids: pl.Series
    coaches: pl.Series
    first_coach: np.ndarray
    second_coach: np.ndarray
    activity: np.ndarray


def competency(index: int) -> str:
    """A competency's id."""
    return f"competency-{index:02}"


def theme(of: int, index: int) -> str:
    """The id of a competency's theme."""
    return f"theme-{of:02}-{index}"


def codebook() -> str:
    """Competencies and themes, as configuration."""
    parts = [f'[[competencies]]\nid = "{competency(c)}"\n' for c in range(COMPETENCIES)]
    parts += [
        f'[[themes]]\nid = "{theme(c, t)}"\ncompetencies = ["{competency(c)}"]\n'
        for c in range(COMPETENCIES)
        for t in range(THEMES)
    ]
    return "\n".join(parts)


def sources(kind: str) -> str:
    """Where the input is, relative to this text's file; `kind` is a folder of sessions."""
    paths = {"org": "org.csv", "people": "people.parquet", "sessions": kind}
    parts = [f'[sources.{n}]\npath = "{p}"\nsynthetic = true\n' for n, p in paths.items()]
    levels = ", ".join(f'"{level}"' for level in JOB_LEVELS)
    return "\n".join([*parts, f"[dimensions]\njob_level = [{levels}]\n", codebook()])


def organisation(out: Path) -> list[str]:
    """Writes the organisation: four levels below each other. Gives its leaves."""
    rows, leaves = [("Acme", "Acme", "")], []
    for d in range(DIVISIONS):
        division = f"division-{d:02}"
        rows.append((division, f"Division {d}", "Acme"))
        for p in range(DEPARTMENTS):
            department = f"department-{d:02}-{p:02}"
            rows.append((department, f"Department {d}.{p}", division))
            for t in range(TEAMS):
                leaves.append(f"team-{d:02}-{p:02}-{t:02}")
                rows.append((leaves[-1], f"Team {d}.{p}.{t}", department))
    table = pl.DataFrame(rows, schema=["org_unit", "label", "parent"], orient="row")
    table.write_csv(out / "org.csv")
    return leaves


def people(out: Path, count: int, leaves: list[str], rng: np.random.Generator) -> People:
    """Writes people, each in a leaf, and gives what sessions need of them."""
    ids = texts("p", np.arange(count), 7)
    # Teams differ in size, up to some three to one.
    size = rng.uniform(0.5, 1.5, len(leaves))
    unit = rng.choice(len(leaves), count, p=size / size.sum())
    level = rng.choice(len(JOB_LEVELS), count, p=[0.7, 0.18, 0.09, 0.03])
    table = pl.DataFrame(
        {
            "person_id": ids,
            "org_unit": pl.Series(leaves).gather(unit),
            "job_level": pl.Series(JOB_LEVELS).gather(level),
        }
    )
    path = out / "people.parquet"
    pq.write_table(plain(table), path, compression="zstd", compression_level=3)
    coaches = max(2, count // PEOPLE_PER_COACH)
    first = rng.integers(0, coaches, count)
    # Every third person has a second coach.
    other = (first + rng.integers(1, coaches, count)) % coaches
    return People(
        ids=ids,
        coaches=texts("c", np.arange(coaches), 6),
        first_coach=first,
        second_coach=np.where(rng.random(count) < 1 / 3, other, first),
        # A tenth of the people have a third of the sessions.
        activity=np.cumsum(rng.gamma(1.0, size=count)),
    )


def texts(prefix: str, numbers: np.ndarray, width: int) -> pl.Series:
    """Ids as text: a prefix and a number of at least so many digits."""
    digits = pl.Series(numbers).cast(pl.String).str.zfill(width)
    return pl.select(pl.lit(prefix) + digits).to_series()


def choices() -> tuple[pl.Series, np.ndarray]:
    """All cells of `themes`, by competency, and how often each is: one to three themes."""
    picks = [(a,) for a in range(THEMES)]
    picks += [(a, b) for a in range(THEMES) for b in range(a + 1, THEMES)]
    picks += [
        (a, b, c)
        for a in range(THEMES)
        for b in range(a + 1, THEMES)
        for c in range(b + 1, THEMES)
    ]
    # Earlier themes come up more often.
    weight = np.array([np.prod([1 / (2 + t) for t in pick]) * 4 ** len(pick) for pick in picks])
    cells = [";".join(theme(c, t) for t in p) for c in range(COMPETENCIES) for p in picks]
    return pl.Series(cells), weight / weight.sum()


def sessions(first: int, count: int, who: People, rng: np.random.Generator) -> pl.DataFrame:
    """One row group of sessions, of people in random order."""
    person = np.searchsorted(who.activity, rng.uniform(0, who.activity[-1], count))
    second = rng.random(count) < 0.3
    coach = np.where(second, who.second_coach[person], who.first_coach[person])
    day = np.datetime64(f"{YEAR}-01-01") + rng.integers(0, 365, count)
    common = 1 / np.arange(3, 3 + COMPETENCIES)
    of = rng.choice(COMPETENCIES, count, p=common / common.sum())
    cells, often = choices()
    names = pl.Series([competency(c) for c in range(COMPETENCIES)])
    modes = pl.Series(["coaching", "mentoring"])
    return pl.DataFrame(
        {
            "session_id": texts("s", np.arange(first, first + count), 9),
            "coachee_id": who.ids.gather(person),
            "coach_id": who.coaches.gather(coach),
            "held_on": pl.Series(day).cast(pl.Date),
            "minutes": rng.choice([30, 45, 60, 90], count, p=[0.2, 0.25, 0.45, 0.1]),
            "competency": names.gather(of),
            "themes": cells.gather(of * len(often) + rng.choice(len(often), count, p=often)),
            "mode": modes.gather((rng.random(count) < 0.25).astype(np.int64)),
        }
    )


def write_sessions(out: Path, count: int, who: People, seed: int, csv: bool) -> None:
    """Writes sessions as Parquet and, if asked, the same rows as CSV."""
    (out / "sessions").mkdir(exist_ok=True)
    if csv:
        (out / "csv").mkdir(exist_ok=True)
    for file, start in enumerate(range(0, count, FILE_ROWS)):
        end = min(count, start + FILE_ROWS)
        writers: list[pq.ParquetWriter | pyarrow.csv.CSVWriter] = []
        for first in range(start, end, ROW_GROUP):
            rng = np.random.default_rng([seed, first])
            table = plain(sessions(first, min(ROW_GROUP, end - first), who, rng))
            if not writers:
                path = out / "sessions" / f"part-{file:02}.parquet"
                writers.append(
                    pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=3)
                )
                if csv:
                    path = out / "csv" / f"part-{file:02}.csv"
                    writers.append(pyarrow.csv.CSVWriter(path, table.schema))
            for writer in writers:
                writer.write_table(table)
        for writer in writers:
            writer.close()


def plain(frame: pl.DataFrame) -> pa.Table:
    """The frame with texts as Parquet knows them, without the types that are Arrow's alone."""
    table = frame.to_arrow()
    texts = [column for column, kind in frame.schema.items() if kind == pl.String]
    kinds = [
        pa.field(field.name, pa.string()) if field.name in texts else field
        for field in table.schema
    ]
    return table.cast(pa.schema(kinds))


def write(out: Path, count: int, seed: int, csv: bool) -> None:
    """Writes everything: the input, and a project on it."""
    out.mkdir(parents=True, exist_ok=True)
    leaves = organisation(out)
    who = people(out, count // SESSIONS_PER_PERSON, leaves, np.random.default_rng(seed))
    write_sessions(out, count, who, seed, csv)
    (out / "inputs.toml").write_text(sources("sessions"))
    (out / "lodestar.toml").write_text(config("inputs.toml", THEMES_ALONE))
    (out / "default.toml").write_text(config("inputs.toml", DEFAULT_SET))
    if csv:
        (out / "inputs-csv.toml").write_text(sources("csv"))


def main() -> None:
    """Reads the command line, and writes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sessions", choices=SIZES, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--csv", action="store_true", help="the sessions as CSV, too")
    said = parser.parse_args()
    write(said.out, SIZES[said.sessions], said.seed, said.csv)


if __name__ == "__main__":
    main()
