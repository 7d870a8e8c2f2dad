"""A noisy answer with OpenDP's Polars interface. See `noisy.py`.

    python noisy_opendp.py --data FOLDER --out FILE
"""

from __future__ import annotations

import opendp.prelude as dp
import polars as pl

from noisy import QUERY, UNIT, Asked, asked, keys, row

import peer_opendp  # noqa: E402
from job import write  # noqa: E402


def prepare(said: Asked) -> None:
    """Writes the rows and groups that the peer reads."""
    rows = pl.scan_parquet(said.data / "sessions/*.parquet").select(
        "coachee_id", "competency", theme=pl.col("themes").str.split(";")
    )
    people = pl.scan_parquet(said.data / "people.parquet").select("person_id", "org_unit")
    placed = rows.explode("theme").join(people, left_on="coachee_id", right_on="person_id")
    themes = placed.select(
        pl.lit(0).alias("draw"),
        pl.col("coachee_id").alias("person"),
        pl.col("org_unit").alias(UNIT),
        pl.concat_str("competency", "theme", separator="/").alias("key"),
    )
    themes.collect().write_parquet(said.job.themes)
    units = people.select(pl.lit(0).alias("draw"), pl.col("org_unit").alias(UNIT)).unique()
    groups = units.join(pl.LazyFrame({"key": keys(said.data)}), how="cross")
    groups.collect().write_parquet(said.job.keys("themes", QUERY["level"]))


def main() -> None:
    """Answers."""
    dp.enable_features("contrib")
    said = asked()
    prepare(said)
    released = peer_opendp.ask(said.job, QUERY).select("unit", "key", "n")
    write(said.out, (row(*values) for values in released.iter_rows()))


if __name__ == "__main__":
    main()
