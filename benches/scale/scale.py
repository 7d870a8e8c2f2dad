"""Whole processes beside each other, on the same files: Lodestar, and what else answers.

    python3 benches/scale/scale.py --lodestar target/release/lodestar

Rounds are interleaved, since a machine's speed drifts; what counts are medians of ratios
within a round. This process stays small: what it takes itself would be counted with others'.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import contestants as who

sys.path.insert(0, str(who.HERE.parent / "compare"))
from compare import environment  # noqa: E402

SIZES = ("1m", "10m", "20m", "100m")
REQUIREMENTS = {
    "scale": who.HERE / "requirements/scale.txt",
    "opendp": who.HERE.parent / "compare/requirements/opendp.txt",
    "pipelinedp": who.HERE.parent / "compare/requirements/pipelinedp.txt",
}
# What is divided by what, where both took part.
RATIOS = (
    ("lodestar", "exact"),
    ("lodestar", "decode"),
    ("lodestar-default", "lodestar"),
    ("opendp", "lodestar"),
    ("pipelinedp", "lodestar"),
    ("lodestar-csv", "scan-csv"),
)
GIB = 1024**3


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall: float
    cpu: float
    memory: int


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lodestar", type=Path, required=True, help="an optimised binary")
    parser.add_argument(
        "--work", type=Path, default=who.HERE / "work", help="environments, input, releases"
    )
    parser.add_argument("--sessions", choices=SIZES, default="20m")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", type=lambda text: text.split(","), help="A,B,…: contestants")
    parser.add_argument(
        "--variant",
        action="append",
        default=[],
        help="a further contestant: `lodestar run` with these arguments",
    )
    return parser.parse_args()


def usual(size: str) -> list[str]:
    """Who takes part if nobody is named: peers take minutes beyond a million sessions."""
    names = ["lodestar", "lodestar-default", *who.EXACT, "decode"]
    return [*names, *who.PEERS] if size == "1m" else names


def ready(place: who.Place, size: str, names: list[str]) -> None:
    """Installs what the contestants need, makes the input, and builds the decoder."""
    needed = {"scale", *(name for name in names if name in REQUIREMENTS)}
    for name in sorted(needed):
        if not environment(REQUIREMENTS[name], place.work):
            raise SystemExit(f"{name} can't be installed: name the others with --only")
    csv = any(name in who.OF_CSV for name in names)
    last = place.data / ("inputs-csv.toml" if csv else "inputs.toml")
    if not last.exists():
        command = [place.python("scale"), who.HERE / "inputs.py", "--sessions", size]
        command += ["--out", place.data, *(["--csv"] if csv else [])]
        subprocess.run(command, check=True)
    if "decode" in names:
        build = ["cargo", "build", "--locked", "--release", "--package", "lodestar-decode"]
        subprocess.run(build, check=True, cwd=who.REPOSITORY)


def timed(command: who.Command, log: Path) -> Cost:
    """Runs one process to its end."""
    with log.open("w") as file:
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} ends with {process.returncode}: see {log}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def rounds(place: who.Place, all_: dict[str, who.Contestant], count: int) -> list[dict[str, Cost]]:
    """Everybody once a round."""
    measured: list[dict[str, Cost]] = []
    for number in range(1, count + 1):
        measured.append({})
        for name, contestant in all_.items():
            folder = place.work / "runs" / name.replace(" ", "_")
            who.fresh(folder, contestant)
            cost = timed(contestant.command(folder), folder / "log.txt")
            contestant.check(folder)
            measured[-1][name] = cost
            print(f"{number}/{count} {name}: {cost.wall:.2f} s", file=sys.stderr, flush=True)
    return measured


def wall(costs: dict[str, Cost], name: str) -> float | None:
    """A contestant's seconds in a round; `exact` is the fastest exact answer of the round."""
    names = who.EXACT if name == "exact" else (name,)
    return min((costs[name].wall for name in names if name in costs), default=None)


def ratio(measured: list[dict[str, Cost]], above: str, below: str) -> float | None:
    """The median, over the rounds, of one's seconds by the other's."""
    pairs = [(wall(costs, above), wall(costs, below)) for costs in measured]
    known = [a / b for a, b in pairs if a is not None and b is not None]
    return median(known) if known else None


def report(measured: list[dict[str, Cost]], size: str) -> str:
    """Medians and ratios as Markdown."""
    lines = [
        f"{size} sessions, medians of {len(measured)} interleaved rounds:",
        "",
        "| | wall | fastest to slowest | CPU | memory |",
        "|---|---|---|---|---|",
    ]
    for name in measured[0]:
        costs = [costs[name] for costs in measured]
        walls = [cost.wall for cost in costs]
        cpu = median(cost.cpu for cost in costs)
        memory = median(cost.memory for cost in costs) / GIB
        spread = f"{min(walls):.2f} to {max(walls):.2f} s"
        lines.append(
            f"| {name} | {median(walls):.2f} s | {spread} | {cpu:.2f} s | {memory:.2f} GiB |"
        )
    lines += ["", "| ratio of walls, median of the rounds | |", "|---|---|"]
    variants = [("lodestar", n) for n in measured[0] if n.startswith("lodestar ")]
    for above, below in (*RATIOS, *variants):
        found = ratio(measured, above, below)
        if found is not None:
            lines.append(f"| {above} ÷ {below} | {found:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Prepares, measures, reports."""
    said = arguments()
    work = said.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not said.lodestar.is_file():
        sys.exit(f"{said.lodestar}: no such file; build it: cargo build --release --locked")
    place = who.Place(said.lodestar.resolve(), work, work / said.sessions)
    named = said.only or usual(said.sessions)
    ready(place, said.sessions, named)
    all_ = who.everyone(place, said.variant)
    wanted = [*named, *(f"lodestar {variant}" for variant in said.variant)]
    unknown = [name for name in wanted if name not in all_]
    if unknown:
        raise SystemExit(f"no contestant {', '.join(unknown)}: there are {', '.join(all_)}")
    print(report(rounds(place, {name: all_[name] for name in wanted}, said.rounds), said.sessions))


if __name__ == "__main__":
    main()
