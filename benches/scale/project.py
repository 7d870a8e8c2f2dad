"""A project of Lodestar on the benchmark's input, as configuration."""

from __future__ import annotations

from pathlib import Path

YEAR = 2025
# A day on which the year has settled.
AS_OF = f"{YEAR + 1}-02-01"
THEMES_ALONE = '[[measures]]\nuse = "theme_prevalence"\nlevels = [0, 1, 2, 3]\n'
DEFAULT_SET = ""


def config(include: Path | str, measures: str) -> str:
    """A project of its own on the input that the file `include` declares."""
    return f"""include = ["{include}"]

[project]
organisation = "Acme"

[periods]
every = "year"
first = "{YEAR}"

[privacy]
window = "year"
epsilon = 8.0

{measures}"""
