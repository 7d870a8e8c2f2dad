"""A noisy answer with PipelineDP on its local backend. See `noisy.py`.

    python noisy_pipelinedp.py --data FOLDER --out FILE
"""

from __future__ import annotations

import itertools

import pipeline_dp as pdp
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from noisy import QUERY, RHO, UNIT, Asked, asked, keys, row

import peer_pipelinedp  # noqa: E402
from job import write  # noqa: E402


def prepare(said: Asked) -> None:
    """Writes the rows and groups that the peer reads."""
    people = pq.read_table(said.data / "people.parquet", columns=["person_id", "org_unit"])
    rows = pq.read_table(
        said.data / "sessions", columns=["coachee_id", "competency", "themes"]
    ).join(people, "coachee_id", "person_id")
    themes = pc.split_pattern(rows["themes"], ";")
    parents = pc.list_parent_indices(themes)
    exploded = rows.select(["coachee_id", "org_unit", "competency"]).take(parents)
    key = pc.binary_join_element_wise(exploded["competency"], pc.list_flatten(themes), "/")
    columns = {"person": exploded["coachee_id"], UNIT: exploded["org_unit"], "key": key}
    pq.write_table(drawn(columns), said.job.themes)
    units = pc.unique(people["org_unit"]).to_pylist()
    unit, key = zip(*itertools.product(units, keys(said.data)), strict=True)
    groups = drawn({UNIT: pa.array(unit), "key": pa.array(key)})
    pq.write_table(groups, said.job.keys("themes", QUERY["level"]))


def drawn(columns: dict[str, pa.Array]) -> pa.Table:
    """The columns, with the number of the one draw."""
    draw = pa.nulls(len(columns["key"]), pa.int64()).fill_null(0)
    return pa.table({"draw": draw, **columns})


def main() -> None:
    """Answers."""
    said = asked()
    prepare(said)
    budget = peer_pipelinedp.accountant(said.job, "even")
    engine = pdp.DPEngine(budget, pdp.LocalBackend())
    answer = peer_pipelinedp.aggregated(engine, said.job, QUERY, None, 2 * RHO)
    budget.compute_budgets()
    rows = (row(unit, key, of.privacy_id_count) for (_, unit, key), of in answer)
    write(said.out, rows)


if __name__ == "__main__":
    main()
