"""How well terms find what answers are about: counsel_chat, beside TF-IDF.

    cargo build --example tag
    python3 benches/notes/measure.py --tag target/debug/examples/tag

Needs Python 3.11 and a package index that pip can reach. Everything goes to `--work`.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
from pathlib import Path

from halves import Answer, halves

HERE = Path(__file__).resolve().parent
WORK = HERE / "work"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tag", type=Path, required=True, help="the example `tag`, built")
    parser.add_argument("--first", action="store_true", help="look at the first half alone")
    return parser.parse_args()


def environment() -> Path:
    """The Python of an environment with scikit-learn, which is made unless it is there."""
    requirements = HERE / "requirements.txt"
    wanted = requirements.read_text()
    folder = WORK / "environment"
    mark, python = folder / "installed.txt", folder / "bin/python"
    if not mark.exists() or mark.read_text() != wanted:
        print("installing scikit-learn", file=sys.stderr)
        install = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r"]
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([*install, requirements], check=True)
        mark.write_text(wanted)
    return python


def write_notes(path: Path, answers: list[Answer]) -> None:
    """Answers as sessions with notes, of which nothing but the notes is read."""
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(["note"])
        write.writerows([answer.text] for answer in answers)


def main() -> None:
    """Writes what `themes check` reads, then measures where scikit-learn is."""
    said = arguments()
    WORK.mkdir(exist_ok=True)
    write_notes(WORK / "first_half.csv", halves()[0])
    command = [environment(), HERE / "score.py", "--tag", said.tag.resolve()]
    command += ["--first"] * said.first
    raise SystemExit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
