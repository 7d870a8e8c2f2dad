"""Tables in Markdown, from what all sides released."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

import score
from plan import LEVELS, Budget

NAMES = {0: "root", 1: "divisions", 2: "departments", score.ALL: "all levels"}
KEYS = {"even": ("thresholded", "public"), "alike": ("public",)}
MARKS = ("<!-- results -->\n", "<!-- end of results -->\n")


@dataclass(frozen=True)
class Measured:
    """What was released of one organisation, and its truth."""

    people: int
    coachees: int
    budget: Budget
    truth: pl.DataFrame
    tree: pl.DataFrame
    lodestar: pl.DataFrame
    peers: dict[str, pl.DataFrame]
    facts: list[dict[str, Any]]

    def draws(self, name: str) -> int:
        """How many releases of a side there are."""
        return int(next(fact["draws"] for fact in self.facts if fact["peer"] == name))

    def sides(self, mode: str, rule: str) -> Iterator[tuple[str, str, score.Released]]:
        """The peers with each kind of keys that they offer.

        With Lodestar's split they publish what Lodestar does, so one kind will do.
        """
        for name, rows in self.peers.items():
            for keys in KEYS[mode]:
                side = score.of_peer(rows, mode, keys, rule, self.budget.k)
                if side is not None:
                    yield name, keys, side


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown: the first column reads left, the others right."""
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def points(value: float) -> str:
    """A share in points."""
    return f"{100 * value:.2f}"


def percent(value: float) -> str:
    """A share in whole per cent."""
    return f"{100 * value:.0f} %"


def sources(measured: list[Measured]) -> str:
    """Who released what, and how long it took."""
    rows = []
    for one in measured:
        for fact in one.facts:
            done = fact.get("failed") or f"{fact['draws']} in {fact['seconds']:,.0f} s"
            rows.append([fact["peer"], fact.get("packages", "—"), f"{one.people:,}", done])
    return table(["side", "versions", "people", "releases"], rows)


def machine() -> str:
    """The machine, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next(
        (line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine()
    )
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}"


def budget(one: Measured) -> str:
    """What a release may spend."""
    b = one.budget
    return (
        f"{one.people:,} people, {one.coachees:,} of them coachees: "
        f"ρ = {b.rho:.6f} a release (alone ε = {b.epsilon:.3f}, δ = {b.delta:.1e}; "
        f"of δ for selections {sum(b.selection_delta):.1e})."
    )


def shares(measured: list[Measured], mode: str, rule: str) -> str:
    """RMSE of theme shares over the cells that both show, per peer, keys and level."""
    rows = []
    for one in measured:
        truth = score.expected(one.truth)
        ours = score.of_lodestar(one.lodestar)
        for name, keys, side in one.sides(mode, rule):
            found = score.errors(ours, side, truth).filter(statistic="share")
            for line in found.iter_rows(named=True):
                rows.append(
                    [
                        f"{one.people:,}: {name}, {keys}",
                        NAMES[line["level"]],
                        f"{line['cells']:,.0f}",
                        points(line["ours_exact"]),
                        points(line["theirs_exact"]),
                        f"**{line['ours_exact'] / line['theirs_exact']:.2f}**",
                        f"{line['ours_bounded'] / line['theirs_bounded']:.2f}",
                    ]
                )
    header = ["people: peer, keys", "level", "cells", "Lodestar", "peer", "ratio", "bounded"]
    return table(header, rows)


def best(measured: list[Measured]) -> str:
    """Lodestar beside the most accurate peer: ratios of RMSE of theme shares, per level."""
    asked = [(mode, against) for mode in ("even", "alike") for against in ("exact", "bounded")]
    rows = []
    for one in measured:
        for level in (*LEVELS, score.ALL):
            cells = [nearest(one, mode, against, level) for mode, against in asked]
            rows.append([f"{one.people:,}: {NAMES[level]}", *cells])
    header = ["people: level", "whole job, exact", "bounded", "same split, exact", "bounded"]
    return table(header, rows)


def nearest(one: Measured, mode: str, against: str, level: int) -> str:
    """The largest ratio to a peer, and whose it is."""
    truth = score.expected(one.truth)
    ours = score.of_lodestar(one.lodestar)
    ratios = [
        (line[f"ours_{against}"] / line[f"theirs_{against}"], name)
        for name, _, side in one.sides(mode, "k")
        for line in score.errors(ours, side, truth)
        .filter(statistic="share", level=level)
        .iter_rows(named=True)
    ]
    if not ratios:
        return "—"
    ratio, name = max(ratios)
    return f"{ratio:.2f} ({name})"


def own(measured: list[Measured]) -> str:
    """RMSE of theme shares over all cells that a side shows."""
    rows = []
    for one in measured:
        truth = score.expected(one.truth)
        sides = [("Lodestar", "its own", score.of_lodestar(one.lodestar))]
        sides += list(one.sides("even", "all"))
        for name, keys, side in sides:
            found = score.alone(side, truth).filter(statistic="share")
            cells = {line["level"]: line for line in found.iter_rows(named=True)}
            parts = [f"{one.people:,}: {name}, {keys}"]
            for level in LEVELS:
                line = cells.get(level)
                parts.append(f"{points(line['rmse'])} of {line['cells']:,.0f}" if line else "—")
            rows.append(parts)
    return table(["people: side, keys", *(NAMES[level] for level in LEVELS)], rows)


def coverage(measured: list[Measured]) -> str:
    """People covered, per side and level; and whether levels add up."""
    rows = []
    for one in measured:
        sides = [("Lodestar", one.facts[0]["promise"], score.of_lodestar(one.lodestar))]
        sides += list(one.sides("even", "all"))
        for name, keys, side in sides:
            found = score.covered(side, one.truth, one.tree, one.draws(name)).sort("level")
            parts = [f"{one.people:,}: {name}, {keys}"]
            for line in found.iter_rows(named=True):
                group = f" ({percent(line['grouped'])})" if line["grouped"] > line["units"] else ""
                parts.append(percent(line["units"]) + group)
            rows.append([*parts, f"{score.gap(side):.1f}"])
    return table(["people: side, keys", *(NAMES[level] for level in LEVELS), "gap"], rows)


def sessions(measured: list[Measured], mode: str) -> str:
    """Ratios of RMSE of the statistics of sessions, per peer, keys and level."""
    rows = []
    for one in measured:
        truth = score.expected(one.truth)
        ours = score.of_lodestar(one.lodestar)
        for name, keys, side in one.sides(mode, "all"):
            found = score.errors(ours, side, truth)
            ratios = {
                (line["statistic"], line["level"]): line["ours_exact"] / line["theirs_exact"]
                for line in found.iter_rows(named=True)
            }
            for level in LEVELS:
                cells = [ratios.get((statistic, level)) for statistic in score.RATIOS]
                texts = ["—" if value is None else f"{value:.2f}" for value in cells]
                rows.append([f"{one.people:,}: {name}, {keys}", NAMES[level], *texts])
    return table(["people: peer, keys", "level", *(f"`{s}`" for s in score.RATIOS)], rows)


def markdown(measured: list[Measured]) -> str:
    """The whole report."""
    parts = [
        f"Measured on {machine()}; Python {platform.python_version()}.\n",
        "\n".join(f"- {budget(one)}" for one in measured) + "\n",
        sources(measured),
        "### Ratios to the most accurate peer, counts below k hidden on both sides\n",
        best(measured),
        "### The whole job, counts below k hidden on both sides\n",
        shares(measured, "even", "k"),
        "### The whole job, the peer shows everything\n",
        shares(measured, "even", "all"),
        "### All that a side shows\n",
        own(measured),
        "### People covered\n",
        coverage(measured),
        "### Statistics of sessions, the whole job\n",
        sessions(measured, "even"),
        "### With Lodestar's own split, keys and bounds, counts below k hidden on both sides\n",
        shares(measured, "alike", "k"),
        "### With Lodestar's own split, keys and bounds, the peer shows everything\n",
        shares(measured, "alike", "all"),
        "### Statistics of sessions, with Lodestar's own split and bounds\n",
        sessions(measured, "alike"),
    ]
    return "\n".join(parts)


def pasted(page: str, text: str) -> str:
    """A page with the report between its marks."""
    begin, end = MARKS
    head, marked, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not marked or not closed:
        raise SystemExit(f"the page needs the lines {begin.strip()} and {end.strip()}")
    return f"{head}{begin}\n{text}\n{end}{tail}"
