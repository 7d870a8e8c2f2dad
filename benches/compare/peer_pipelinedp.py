"""PipelineDP on its local backend, with Gaussian noise and its PLD accountant.

A peer of (ε, δ): in the whole job it gets those of Lodestar's release. Where it gets
Lodestar's own split, ε is that of Gaussian noise of the same ρ, so that its tighter
accounting does not buy it less noise than the others have. Its noise falls with the weight
of an aggregation, so a share of ρ is a weight squared. Of private keys it selects and counts
apart, with half of the aggregation's weight each, if that weight is 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pipeline_dp as pdp
import pyarrow.parquet as pq

from job import Job, Row, load, timed

# Ten times as coarse as its default, for a tenth of the time: ε grows by 1 % at the most.
DISCRETIZATION = 1e-3

Group = tuple[Any, ...]


def gaussian_epsilon(rho: float, delta: float) -> float:
    """The ε of Gaussian noise of this ρ at δ (Balle and Wang 2018)."""
    mu, normal = math.sqrt(2 * rho), NormalDist()
    low, high = 0.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        lost = normal.cdf(mu / 2 - middle / mu) - math.exp(middle) * normal.cdf(
            -mu / 2 - middle / mu
        )
        low, high = (middle, high) if lost > delta else (low, middle)
    return high


def accountant(job: Job, mode: str) -> pdp.PLDBudgetAccountant:
    """The budget of one release; thresholds take a quarter of its δ."""
    epsilon, delta = job.budget["epsilon"], job.budget["delta"]
    if mode == "alike":
        rho = sum(query["rho"] for query in job.modes[mode])
        epsilon = gaussian_epsilon(rho, 0.75 * delta)
    return pdp.PLDBudgetAccountant(
        total_epsilon=epsilon, total_delta=delta, pld_discretization=DISCRETIZATION
    )


def read(job: Job, path: Path, columns: list[str]) -> list[Group]:
    """Rows of a Parquet file, as tuples, of the draws that are asked for."""
    few = [("draw", "<", job.draws)]
    table = pq.read_table(path, columns=columns, filters=few).to_pydict()
    return list(zip(*(table[column] for column in columns), strict=True))


def weight(query: dict[str, Any], unit: float) -> float:
    """A number's weight, where `unit` is the ρ of private keys: these weigh 1."""
    if query["delta"]:
        return 1.0
    return math.sqrt(query["rho"] / max(1, len(query["sums"])) / (2 * unit))


def parameters(
    job: Job, query: dict[str, Any], one: dict[str, Any] | None, unit: float
) -> pdp.AggregateParams:
    """What is asked of one aggregation, with its bounds per person."""
    themes = query["table"] == "themes"
    limits = {
        "noise_kind": pdp.NoiseKind.GAUSSIAN,
        "max_partitions_contributed": job.budget["max_cells"] if themes else 1,
        "max_contributions_per_partition": 1,
        "budget_weight": weight(query, unit),
    }
    if one:
        return pdp.AggregateParams(
            metrics=[pdp.Metrics.SUM],
            min_sum_per_partition=one["low"],
            max_sum_per_partition=one["high"],
            **limits,
        )
    if query["delta"]:
        limits["partition_selection_strategy"] = (
            pdp.PartitionSelectionStrategy.GAUSSIAN_THRESHOLDING
        )
        limits["pre_threshold"] = job.budget["k"]
    return pdp.AggregateParams(metrics=[pdp.Metrics.PRIVACY_ID_COUNT], **limits)


def aggregated(
    engine: pdp.DPEngine, job: Job, query: dict[str, Any], one: dict[str, Any] | None, unit: float
) -> Any:
    """One aggregation, computed when it is read."""
    by = ["draw", f"unit_{query['level']}", *(["key"] if query["table"] == "themes" else [])]
    rows = read(
        job,
        job.themes if query["table"] == "themes" else job.people,
        ["person", *by, *([one["column"]] if one else [])],
    )
    width = 1 + len(by)
    extractors = pdp.DataExtractors(
        privacy_id_extractor=lambda row: row[0],
        partition_extractor=lambda row: row[1:width],
        value_extractor=lambda row: row[width] if one else 0,
    )
    asked = parameters(job, query, one, unit)
    public = None if query["delta"] else read(job, job.keys(query["table"], query["level"]), by)
    return engine.aggregate(rows, asked, extractors, public_partitions=public)


def answers(job: Job) -> Iterator[Row]:
    """All numbers of all modes; a mode is a pipeline with a budget of its own."""
    for mode, queries in job.modes.items():
        budget = accountant(job, mode)
        engine = pdp.DPEngine(budget, pdp.LocalBackend())
        asked = [
            (query, one) for query in relevant(mode, queries) for one in query["sums"] or [None]
        ]
        unit = next(query["rho"] for query in queries if query["delta"])
        pending = [(query, one, aggregated(engine, job, query, one, unit)) for query, one in asked]
        budget.compute_budgets()
        for query, one, result in pending:
            name = one["name"] if one else ("n" if query["table"] == "themes" else query["name"])
            for group, metrics in result:
                draw, unit, key = (*group, "")[:3]
                value = metrics.sum if one else metrics.privacy_id_count
                yield Row(mode, draw, query["level"], unit, key, name, value)


def relevant(mode: str, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The queries of one release: of the whole job's two kinds of sizes the thresholded."""
    return [query for query in queries if mode == "alike" or query["name"] != "size"]


def main() -> None:
    """Answers the job."""
    job, out = load()
    packages = [f"{name} {version(name)}" for name in ("pipeline-dp", "python-dp", "dp-accounting")]
    facts = {"peer": "PipelineDP", "packages": ", ".join(packages)}
    timed(job, Path(out), facts, answers(job))


if __name__ == "__main__":
    main()
