"""Makes the input, lets Lodestar and its peers release it, and reports the errors.

`compare.py` runs it, in an environment that has Polars.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import job
import lodestar
import plan
import report
import world

HERE = Path(__file__).resolve().parent
SLOW = "pipelinedp"
READ = {"draw": pl.Int64, "level": pl.Int64, "value": pl.Float64}


@dataclass(frozen=True)
class Asked:
    """The command line."""

    lodestar: Path
    work: Path
    people: list[int]
    seed: int
    draws: int
    slow_draws: int
    epsilon: float
    delta: float
    max_cells: int
    coalition: int
    peers: list[str]
    page: Path | None


def asked() -> Asked:
    """Reads the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lodestar", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--people", type=int, nargs="+", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--draws", type=int, required=True)
    parser.add_argument("--slow-draws", type=int, required=True)
    parser.add_argument("--epsilon", type=float, required=True)
    parser.add_argument("--delta", type=float, required=True)
    parser.add_argument("--max-cells", type=int, required=True)
    parser.add_argument("--coalition", type=int, required=True)
    parser.add_argument("--peers", nargs="*", required=True)
    parser.add_argument("--page", type=Path)
    return Asked(**vars(parser.parse_args()))


def say(text: str) -> None:
    """Tells how far it is."""
    print(text, file=sys.stderr, flush=True)


def read(path: Path) -> pl.DataFrame:
    """Reads a side's rows."""
    rows = pl.read_csv(path, schema_overrides=READ)
    return rows.with_columns(pl.col("level").cast(pl.Int32), pl.col("key").fill_null(""))


def releases(said: Asked, project: Path, folder: Path) -> tuple[plan.Budget, dict[str, Any]]:
    """Lodestar's releases: the budget of one, and what it took."""
    rows: list[job.Row] = []
    start = time.monotonic()
    for draw in range(said.draws):
        night = folder / "nights" / str(draw)
        policy = lodestar.Policy(said.epsilon, said.delta, said.max_cells, said.coalition)
        shown = lodestar.release(said.lodestar, project, policy, night)
        rows.extend(lodestar.shown(shown, draw))
    seconds = round(time.monotonic() - start, 1)
    job.write(folder / "lodestar.csv", rows)
    facts = {
        "peer": "Lodestar",
        "packages": lodestar.version(said.lodestar),
        "draws": said.draws,
        "seconds": seconds,
        "promise": "k and coaches" if said.coalition else "k alone",
    }
    return plan.read_budget(shown / "manifest.json"), facts


def answer(name: str, said: Asked, folder: Path) -> dict[str, Any]:
    """One peer's facts, after it has answered; or why it has not."""
    draws = said.slow_draws if name == SLOW else said.draws
    question = (folder / "job.json").read_text() + str(draws)
    question += (HERE / f"peer_{name}.py").read_text()
    mark = folder / f"{name}.asked"
    out = folder / f"{name}.csv"
    if not (mark.exists() and mark.read_text() == question):
        mark.unlink(missing_ok=True)
        command = [said.work / "environments" / name / "bin/python", HERE / f"peer_{name}.py"]
        command += ["--work", folder, "--out", out, "--draws", str(draws)]
        log = folder / f"{name}.log"
        with log.open("w") as file:
            done = subprocess.run(command, stdout=file, stderr=file, check=False)
        if done.returncode != 0:
            return {"peer": name, "failed": f"exit {done.returncode}, see {log.name}"}
        mark.write_text(question)
    return dict(json.loads(out.with_suffix(".json").read_text()))


def organisation(said: Asked, people: int) -> report.Measured:
    """All sides on one synthetic organisation."""
    folder = said.work / f"people-{people}"
    folder.mkdir(exist_ok=True)
    project = folder / "project"
    lodestar.synth(said.lodestar, people, said.seed, project)
    say(f"{people} people: {said.draws} releases of Lodestar")
    budget, ours = releases(said, project, folder)
    input_ = world.read(project)
    world.hand_out(input_, said.draws, folder)
    plan.write(
        folder / "job.json", budget, {"even": plan.even(budget), "alike": plan.alike(budget)}
    )
    facts = [ours]
    rows = {}
    for name in said.peers:
        say(f"{people} people: {name}")
        facts.append(answer(name, said, folder))
        if "failed" not in facts[-1]:
            rows[facts[-1]["peer"]] = read(folder / f"{name}.csv")
    return report.Measured(
        people=people,
        coachees=input_.people.height,
        budget=budget,
        truth=world.truth(input_, budget.max_cells),
        tree=world.parents(project),
        lodestar=read(folder / "lodestar.csv"),
        peers=rows,
        facts=facts,
    )


def main() -> None:
    """Measures, and writes the report."""
    said = asked()
    measured = [organisation(said, people) for people in said.people]
    text = report.markdown(measured)
    (said.work / "report.md").write_text(text)
    if said.page:
        said.page.write_text(report.pasted(said.page.read_text(), text))
    print(text)


if __name__ == "__main__":
    main()
