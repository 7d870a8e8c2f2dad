"""Lodestar beside OpenDP, Tumult Analytics and PipelineDP, at equal privacy.

    python3 benches/compare/compare.py --lodestar PATH/TO/lodestar

Needs Python 3.11, for Tumult Java 17, and a package index that pip can reach. It makes an
environment a peer under `--work`, and leaves out, by name, a peer that it can't install or
run. What a peer has answered is kept until the question changes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = ("opendp", "tumult", "pipelinedp")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lodestar", type=Path, required=True, help="the lodestar binary")
    parser.add_argument(
        "--work", type=Path, default=HERE / "work", help="environments, input, results"
    )
    parser.add_argument("--people", type=int, nargs="+", default=[12_000, 60_000])
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--draws", type=int, default=20, help="releases of each side")
    parser.add_argument("--slow-draws", type=int, help="those of PipelineDP, if other")
    parser.add_argument("--epsilon", type=float, default=8.0, help="of the window, a year")
    parser.add_argument("--delta", type=float, default=1e-6, help="of the window")
    parser.add_argument("--max-cells", type=int, default=4, help="theme keys a person")
    parser.add_argument(
        "--coalition", type=int, choices=(0, 1), default=1, help="0: without the coach rule"
    )
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--page", type=Path, help="a page whose results are replaced")
    return parser.parse_args()


def required(name: str) -> Path:
    """The versions of one side."""
    return HERE / "requirements" / f"{name}.txt"


def environment(requirements: Path, work: Path) -> bool:
    """Makes the environment that a file of requirements is named after, unless it is there."""
    wanted, name = requirements.read_text(), requirements.stem
    folder = work / "environments" / name
    mark = folder / "installed.txt"
    if mark.exists() and mark.read_text() == wanted:
        return True
    print(f"installing {name}", file=sys.stderr)
    install = [folder / "bin/python", "-m", "pip", "install", "--quiet", "-r"]
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([*install, requirements], check=True)
    except subprocess.CalledProcessError as error:
        print(f"{name}: can't be installed: {error}", file=sys.stderr)
        return False
    mark.write_text(wanted)
    return True


def main() -> None:
    """Installs, then measures in the environment that has Polars."""
    said = arguments()
    work = said.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not environment(required("base"), work):
        raise SystemExit("without Polars there is no truth to compare with")
    peers = [name for name in said.peers if environment(required(name), work)]
    command = [work / "environments/base/bin/python", HERE / "measure.py"]
    command += ["--lodestar", said.lodestar.resolve(), "--work", work]
    command += ["--people", *map(str, said.people), "--seed", str(said.seed)]
    command += ["--draws", str(said.draws), "--epsilon", str(said.epsilon)]
    command += ["--delta", str(said.delta), "--peers", *peers]
    command += ["--max-cells", str(said.max_cells), "--coalition", str(said.coalition)]
    command += ["--slow-draws", str(said.slow_draws or said.draws)]
    if said.page:
        command += ["--page", said.page.resolve()]
    raise SystemExit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
