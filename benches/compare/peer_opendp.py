"""OpenDP's Python package with its Polars interface.

People come as a row a person, so a unit is one row. Theme rows carry an identifier and are
truncated to `max_cells` a person, each key once. Budget is ρ of zero-concentrated
differential privacy; δ is for thresholds alone. Scales are said, as `release` would search
for them for half a minute a query: a context takes no query that costs more than its ρ.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import opendp.prelude as dp
import polars as pl
from opendp.measurements import make_private_lazyframe

from job import Job, Row, load, timed

MOST_ROWS = 100_000_000


def context(job: Job, query: dict[str, Any], by: list[str]) -> dp.Context:
    """A context that holds one query's share of the budget."""
    themes = query["table"] == "themes"
    unit = {"contributions": 1, "identifier": pl.col("person")} if themes else {"contributions": 1}
    return dp.Context.compositor(
        data=pl.scan_parquet(job.themes if themes else job.people),
        privacy_unit=dp.unit_of(**unit),
        privacy_loss=dp.loss_of(rho=query["rho"], delta=query["delta"] or None),
        split_evenly_over=1,
        margins=[dp.polars.Margin(by=by, max_length=MOST_ROWS)],
    )


def numbers(job: Job, query: dict[str, Any]) -> list[pl.Expr]:
    """What a query counts or sums, its ρ split evenly."""
    shared = math.sqrt(max(1, len(query["sums"])) / (2 * query["rho"])) * (1 + 1e-6)
    if not query["sums"]:
        touched = math.sqrt(job.budget["max_cells"]) if query["table"] == "themes" else 1.0
        return [dp.len(scale=touched * shared, signed=True).alias(query["name"])]
    return [
        pl.col(s["column"]).dp.sum((s["low"], s["high"]), scale=s["high"] * shared).alias(s["name"])
        for s in query["sums"]
    ]


def ask(job: Job, query: dict[str, Any]) -> pl.DataFrame:
    """One query's answer, for all draws and units at once."""
    level, table = query["level"], query["table"]
    by = ["draw", f"unit_{level}", *(["key"] if table == "themes" else [])]
    held = context(job, query, by)
    question = held.query()
    if table == "themes":
        question = question.truncate_per_group(1, by=by)
        question = question.truncate_per_group(job.budget["max_cells"])
    question = question.group_by(by).agg(*numbers(job, query))
    if not query["delta"]:
        question = question.with_keys(pl.scan_parquet(job.keys(table, level)))
    answer = held(measurement(held, question.polars_plan, query["delta"]))
    return answer.collect().rename({f"unit_{level}": "unit"})


def measurement(held: dp.Context, question: pl.LazyFrame, delta: float) -> dp.Measurement:
    """The query with the scales that it says and, for private keys, the threshold of δ."""
    make = partial(
        make_private_lazyframe,
        input_domain=held.accountant.input_domain,
        input_metric=held.accountant.input_metric,
        output_measure=held.accountant.output_measure,
        lazyframe=question,
        global_scale=1.0,
    )
    if not delta:
        return make()
    least = dp.binary_search(
        lambda threshold: make(threshold=threshold).map(held.d_in)[1] <= delta, bounds=(2, 2**20)
    )
    return make(threshold=least)


def answers(job: Job) -> Iterator[Row]:
    """All numbers of all modes."""
    for mode, queries in job.modes.items():
        for query in queries:
            released = ask(job, query)
            for name in [s["name"] for s in query["sums"]] or [query["name"]]:
                for row in released.iter_rows(named=True):
                    statistic = "n" if name == "themes" else name
                    key = row.get("key", "")
                    yield Row(
                        mode, row["draw"], query["level"], row["unit"], key, statistic, row[name]
                    )


def main() -> None:
    """Answers the job."""
    warnings.filterwarnings("ignore")
    dp.enable_features("contrib")
    job, out = load()
    facts = {
        "peer": "OpenDP",
        "packages": f"opendp {version('opendp')}, polars {version('polars')}",
    }
    timed(job, Path(out), facts, answers(job))


if __name__ == "__main__":
    main()
