"""Tumult Analytics on Spark.

People come as a row a person and are protected by `AddMaxRows(1)`; theme rows by
`AddRowsWithID`, each person in at most `max_cells` keys and once in each. Keys are a
declared `KeySet`. Private keys need an (ε, δ) budget there, so under ρ there is no
thresholded selection.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col
from tmlt.analytics import (
    AddMaxRows,
    AddRowsWithID,
    KeySet,
    MaxGroupsPerID,
    MaxRowsPerGroupPerID,
    QueryBuilder,
    RhoZCDPBudget,
    Session,
)

from job import Job, Row, load, timed


def spark_session(job: Job) -> SparkSession:
    """Spark on one core, with few partitions: the input is small."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # Spark's workers need the packages of this environment.
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    return (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.memory", "4g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(job.work / "spark"))
        .getOrCreate()
    )


def open_session(spark: SparkSession, job: Job, table: str, rho: float) -> Session:
    """A session over one table, with that table's part of the budget."""
    if table == "people":
        frame, change = spark.read.parquet(str(job.people)), AddMaxRows(1)
    else:
        frame, change = spark.read.parquet(str(job.themes)), AddRowsWithID("person")
    return Session.from_dataframe(
        privacy_budget=RhoZCDPBudget(rho), source_id=table, dataframe=frame, protected_change=change
    )


def questions(job: Job, query: dict[str, Any], keys: KeySet) -> Iterator[tuple[str, Any]]:
    """The numbers of a query, each a query of its own there."""
    if query["table"] == "themes":
        cells = QueryBuilder("themes").enforce(MaxGroupsPerID("key", job.budget["max_cells"]))
        cells = cells.enforce(MaxRowsPerGroupPerID("key", 1))
        yield "n", cells.groupby(keys).count(name="value")
    elif not query["sums"]:
        yield query["name"], QueryBuilder("people").groupby(keys).count(name="value")
    for s in query["sums"]:
        grouped = QueryBuilder("people").groupby(keys)
        yield s["name"], grouped.sum(s["column"], low=s["low"], high=s["high"], name="value")


def declared(spark: SparkSession, job: Job, query: dict[str, Any]) -> KeySet:
    """The declared groups of a query's table and level."""
    frame: DataFrame = spark.read.parquet(str(job.keys(query["table"], query["level"])))
    return KeySet.from_dataframe(frame)


def answers(spark: SparkSession, job: Job) -> Iterator[Row]:
    """All numbers of all modes."""
    for mode, queries in job.modes.items():
        asked = [query for query in queries if not query["delta"]]
        for table in ("people", "themes"):
            mine = [query for query in asked if query["table"] == table]
            session = open_session(
                spark, job, table, sum(query["rho"] for query in mine) * (1 + 1e-9)
            )
            for query in mine:
                yield from ask(spark, job, session, mode, query)


def ask(
    spark: SparkSession, job: Job, session: Session, mode: str, query: dict[str, Any]
) -> Iterator[Row]:
    """One query's numbers, its ρ split evenly among them."""
    level, keys = query["level"], declared(spark, job, query)
    rho = query["rho"] / max(1, len(query["sums"]))
    for name, question in questions(job, query, keys):
        released = session.evaluate(question, RhoZCDPBudget(rho))
        released = released.withColumnRenamed(f"unit_{level}", "unit")
        key = [col("key")] if query["table"] == "themes" else []
        for row in released.select("draw", "unit", "value", *key).toPandas().itertuples():
            yield Row(mode, row.draw, level, row.unit, getattr(row, "key", ""), name, row.value)


def main() -> None:
    """Answers the job."""
    job, out = load()
    spark = spark_session(job)
    packages = [f"{name} {version(name)}" for name in ("tmlt.analytics", "tmlt.core", "pyspark")]
    facts = {"peer": "Tumult Analytics", "packages": ", ".join(packages)}
    timed(job, Path(out), facts, answers(spark, job))


if __name__ == "__main__":
    main()
