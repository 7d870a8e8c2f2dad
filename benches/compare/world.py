"""The synthetic input: what peers get of it, and the truth, counted without Lodestar.

Rules are those of docs/inputs.md and docs/measures.md. A person's rows become one row of
numbers, and one row a theme key: functions of that person's rows alone, which every peer
may take as its input. Every draw gets a copy of all people under ids of its own, so one
query answers for all draws: their groups are apart, and their noise is independent.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from plan import CLIPS, LEVELS

PERIOD = "2024-Q1"
OTHER = "other"
UNITS = [f"unit_{level}" for level in LEVELS]


@dataclass(frozen=True)
class World:
    """The input of one organisation."""

    units: pl.DataFrame
    keys: list[str]
    people: pl.DataFrame
    themes: pl.DataFrame


def read(project: Path) -> World:
    """Reads a synthetic organisation's period."""
    org = pl.read_csv(project / "input/org.csv")
    sessions = pl.read_parquet(project / f"input/sessions/{PERIOD}.parquet")
    tree = paths(org)
    where = pl.read_csv(project / "input/people.csv").join(
        tree, left_on="org_unit", right_on="unit_2"
    )
    where = where.select("person_id", "unit_0", "unit_1", unit_2="org_unit")
    pairs = codebook(project)
    numbers = per_person(sessions)
    people = numbers.join(where, left_on="coachee_id", right_on="person_id").sort("coachee_id")
    people = people.with_columns(person=pl.int_range(pl.len(), dtype=pl.Int64))
    themes = touched(sessions, pairs).join(
        people.select("coachee_id", "person", *UNITS), on="coachee_id"
    )
    keys = sorted(f"{c}/{t}" for c, t in pairs) + sorted({f"{c}/{OTHER}" for c, _ in pairs})
    return World(listed(tree), sorted(keys), people.drop("coachee_id"), themes.drop("coachee_id"))


def paths(org: pl.DataFrame) -> pl.DataFrame:
    """A row a leaf: the units on its path, from the root."""
    up = org.select("org_unit", "parent")
    leaves = up.join(
        up.select(child="org_unit", grand="parent"), left_on="parent", right_on="child"
    )
    return leaves.drop_nulls("grand").select(unit_0="grand", unit_1="parent", unit_2="org_unit")


def listed(tree: pl.DataFrame) -> pl.DataFrame:
    """All units, each with its level."""
    parts = [
        tree.select(pl.lit(level).alias("level"), unit=f"unit_{level}").unique() for level in LEVELS
    ]
    return pl.concat(parts).sort("level", "unit")


def codebook(project: Path) -> set[tuple[str, str]]:
    """The declared (competency, theme) pairs."""
    themes = tomllib.loads((project / "codebook.toml").read_text())["themes"]
    return {(competency, theme["id"]) for theme in themes for competency in theme["competencies"]}


def touched(sessions: pl.DataFrame, pairs: set[tuple[str, str]]) -> pl.DataFrame:
    """A row a person and key: the themes of their sessions, undeclared ones as other."""
    declared = [f"{competency}/{theme}" for competency, theme in pairs]
    rows = sessions.select("coachee_id", "competency", theme=pl.col("themes").str.split(";"))
    rows = rows.explode("theme").drop_nulls("theme")
    key = pl.concat_str("competency", "theme", separator="/")
    other = pl.concat_str("competency", pl.lit(OTHER), separator="/")
    rows = rows.select("coachee_id", key=pl.when(key.is_in(declared)).then(key).otherwise(other))
    return rows.unique(maintain_order=True)


def per_person(sessions: pl.DataFrame) -> pl.DataFrame:
    """A row a person: exact numbers, the same within the clips, and these centred."""
    cents = pl.col("minutes").cast(pl.Int64) * 100
    exact = sessions.group_by("coachee_id").agg(
        sessions_exact=pl.len().cast(pl.Int64),
        minutes_exact=cents.sum(),
        whole_exact=cents.filter(pl.col("mode").is_not_null()).sum(),
        coaching_exact=cents.filter(pl.col("mode") == "coaching").sum(),
        triggered_exact=pl.col("trigger").count().cast(pl.Int64),
        proactive_exact=(pl.col("trigger") == "proactive").sum().cast(pl.Int64),
    )
    own = pl.col("coaching_exact") / pl.col("whole_exact")
    exact = exact.with_columns(
        three_exact=(pl.col("sessions_exact") >= 3).cast(pl.Int64),
        near_exact=own.is_between(0.7, 0.9, closed="both").fill_null(False).cast(pl.Int64),
    )
    return centred(clipped(exact))


def clipped(exact: pl.DataFrame) -> pl.DataFrame:
    """Adds the numbers within their clips; a part keeps its own person's ratio."""
    plain = ["sessions", "minutes", "three", "near", "whole", "triggered"]
    bounded = exact.with_columns(
        pl.col(f"{c}_exact").clip(upper_bound=CLIPS[c]).alias(c) for c in plain
    )
    parts = {"coaching": "whole", "proactive": "triggered"}
    return bounded.with_columns(
        (pl.col(f"{part}_exact") * pl.col(whole) / pl.col(f"{whole}_exact"))
        .fill_nan(0)
        .round()
        .cast(pl.Int64)
        .alias(part)
        for part, whole in parts.items()
    )


def centred(numbers: pl.DataFrame) -> pl.DataFrame:
    """Adds the numbers as Lodestar's vector has them: twice, less the bound or the whole."""
    plain = ["sessions", "minutes", "three", "near", "whole", "triggered"]
    parts = {"coaching": "whole", "proactive": "triggered"}
    return numbers.with_columns(
        *((2 * pl.col(c) - CLIPS[c]).alias(f"{c}_centred") for c in plain),
        *((2 * pl.col(p) - pl.col(w)).alias(f"{p}_centred") for p, w in parts.items()),
    )


def hand_out(world: World, draws: int, work: Path) -> None:
    """Writes the input of the peers, a copy a draw, and the declared groups."""
    copies = pl.DataFrame({"draw": range(draws)}, schema={"draw": pl.Int64})
    owner = (pl.col("draw") * 100_000_000 + pl.col("person")).alias("person")
    exact = [c for c in world.people.columns if c.endswith("_exact")]
    people = copies.join(world.people.drop(exact), how="cross").with_columns(owner)
    people.write_parquet(work / "people.parquet")
    copies.join(world.themes, how="cross").with_columns(owner).write_parquet(
        work / "themes.parquet"
    )
    keys = pl.DataFrame({"key": world.keys})
    for level in LEVELS:
        units = world.units.filter(level=level).select(pl.col("unit").alias(f"unit_{level}"))
        groups = copies.join(units, how="cross")
        groups.write_parquet(work / f"keys_people_{level}.parquet")
        groups.join(keys, how="cross").write_parquet(work / f"keys_themes_{level}.parquet")


def truth(world: World, max_cells: int) -> pl.DataFrame:
    """Exact sums per level, unit and key: of everything, and under the bounds.

    Who has more than `max_cells` keys keeps that many, chosen at random: bounded counts
    are what is expected of that.
    """
    kept = (max_cells / pl.len().over("person")).clip(upper_bound=1.0)
    themes = world.themes.with_columns(kept=kept)
    parts = []
    for level in LEVELS:
        unit = pl.col(f"unit_{level}").alias("unit")
        groups = (
            world.units.filter(level=level)
            .select("unit")
            .join(pl.DataFrame({"key": world.keys}), how="cross")
        )
        counts = themes.group_by(unit, "key").agg(
            exact=pl.len().cast(pl.Float64), bounded=pl.col("kept").sum()
        )
        counts = groups.join(counts, on=["unit", "key"], how="left").fill_null(0)
        parts.append(
            counts.select(
                pl.lit(level).alias("level"),
                "unit",
                "key",
                pl.lit("n").alias("statistic"),
                "exact",
                "bounded",
            )
        )
        parts.append(sums(world.people, level))
    return pl.concat(parts)


def sums(people: pl.DataFrame, level: int) -> pl.DataFrame:
    """Exact sums of people's numbers, per unit of a level."""
    unit = pl.col(f"unit_{level}").alias("unit")
    size = people.group_by(unit).agg(size_exact=pl.len(), size=pl.len())
    totals = people.group_by(unit).agg(
        *(pl.col(f"{c}_exact").sum() for c in CLIPS), *(pl.col(c).sum() for c in CLIPS)
    )
    joined = size.join(totals, on="unit")
    parts = [
        joined.select(
            pl.lit(level).alias("level"),
            "unit",
            pl.lit("").alias("key"),
            pl.lit(name).alias("statistic"),
            exact=pl.col(f"{name}_exact").cast(pl.Float64),
            bounded=pl.col(name).cast(pl.Float64),
        )
        for name in ("size", *CLIPS)
    ]
    return pl.concat(parts)


def parents(project: Path) -> pl.DataFrame:
    """Units with their level and parent."""
    tree = paths(pl.read_csv(project / "input/org.csv"))
    parts = [
        tree.select(
            pl.lit(level).alias("level"), unit=f"unit_{level}", parent=f"unit_{level - 1}"
        ).unique()
        for level in LEVELS[1:]
    ]
    return pl.concat(parts)
