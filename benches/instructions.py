"""Counts the instructions of the core's hot paths, and compares them with the committed ones.

    python3 benches/instructions.py            compares: exit 1 beyond 2 %
    python3 benches/instructions.py --write    makes the counts of now those to compare with

Needs valgrind. Unlike times, counts hardly depend on the machine or its load; they do depend
on the compiler, so `instructions.json` says which it was: compare with the same, or write the
counts of the commit before with yours. The profile is that of tests, which optimises the core.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BASELINE = HERE / "instructions.json"
JOBS = ("tally", "draw", "combine", "allot")
# Hash maps are seeded anew and noise is drawn: counts differ by some 0.3 % from run to run.
MOST = 0.02
BENCH = ["--profile", "dev", "--locked", "-p", "lodestar-privacy", "--bench", "instructions"]


def build() -> Path:
    """Builds the jobs; where they are."""
    command = ["cargo", "bench", *BENCH, "--no-run", "--message-format", "json"]
    said = subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.PIPE, text=True)
    built = [json.loads(line).get("executable") for line in said.stdout.splitlines()]
    return Path(next(path for path in reversed(built) if path))


def count(binary: Path, job: str) -> int:
    """The instructions of one job, in one thread."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", binary, job]
        ran = subprocess.run(
            command,
            env={**os.environ, "RAYON_NUM_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if ran.returncode != 0:
            raise SystemExit(f"{job}: valgrind ends with {ran.returncode}\n{ran.stderr}")
        found = re.search(r"^totals: (\d+)", out.read_text(), re.MULTILINE)
    if not found:
        raise SystemExit(f"{job}: valgrind says no total")
    return int(found.group(1))


def main() -> None:
    """Counts every job, and compares or writes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="replace the committed counts")
    write = parser.parse_args().write
    compiler = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True)
    binary = build()
    now = {job: count(binary, job) for job in JOBS}
    if write:
        said = {"compiler": compiler.stdout.strip(), "instructions": now}
        BASELINE.write_text(json.dumps(said, indent=1) + "\n")
        return
    then = json.loads(BASELINE.read_text())
    if then["compiler"] != compiler.stdout.strip():
        print(f"counted then by {then['compiler']}: not the same compiler", file=sys.stderr)
    print("| job | then | now | |\n|---|---|---|---|")
    changed = False
    for job, instructions in now.items():
        before = then["instructions"][job]
        ratio = instructions / before - 1
        changed |= abs(ratio) > MOST
        print(f"| {job} | {before:,} | {instructions:,} | {ratio:+.1%} |")
    raise SystemExit(1 if changed else 0)


if __name__ == "__main__":
    main()
