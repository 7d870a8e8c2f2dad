"""Errors of what was released, against the truth, over what both sides show.

A peer has no rule of k, so two are tried on what it released: `all`, it shows every cell of
the units that it publishes, and `k`, it hides counts estimated below k, as Lodestar does.
Its units are those of private keys (`thresholded`), or all declared ones (`public`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from plan import CLIPS

CELL = ["draw", "level", "unit", "key"]
RATIOS = {
    "sessions_per_coachee": ("sessions", "size"),
    "minutes_per_coachee": ("minutes", "size"),
    "share_three_or_more": ("three", "size"),
    "coaching_share": ("coaching", "whole"),
    "share_near_80_20": ("near", "size"),
    "share_proactive": ("proactive", "triggered"),
}
SCALES = {"sessions_per_coachee": 1.0, "minutes_per_coachee": 0.01}
GROUP = "(other units) "
# What stands for all levels, after them.
ALL = 99


@dataclass(frozen=True)
class Released:
    """What one side shows: sizes of its units, and values of its cells."""

    sizes: pl.DataFrame
    values: pl.DataFrame


def expected(truth: pl.DataFrame) -> pl.DataFrame:
    """The exact statistics, of everything and under the bounds."""
    size = pl.col("statistic") == "size"
    sizes = truth.filter(size).select("level", "unit", size="exact")
    n = truth.filter(statistic="n").join(sizes, on=["level", "unit"])
    shares = n.select(
        "level",
        "unit",
        "key",
        pl.lit("share").alias("statistic"),
        pl.col("exact") / pl.col("size"),
        pl.col("bounded") / pl.col("size"),
    )
    parts = [shares]
    sums = truth.filter(pl.col("key") == "")
    for statistic, (top, bottom) in RATIOS.items():
        whole = sums.filter(statistic=bottom).select("level", "unit", w="exact", v="bounded")
        part = sums.filter(statistic=top).join(whole, on=["level", "unit"])
        scale = SCALES.get(statistic, 1.0)
        parts.append(
            part.select(
                "level",
                "unit",
                "key",
                pl.lit(statistic).alias("statistic"),
                pl.col("exact") * scale / pl.col("w"),
                pl.col("bounded") * scale / pl.col("v"),
            )
        )
    return pl.concat(parts)


def of_lodestar(rows: pl.DataFrame) -> Released:
    """Lodestar's rows are shown statistics already."""
    sizes = rows.filter(statistic="size").select("draw", "level", "unit", size="value")
    values = rows.filter(~pl.col("statistic").is_in(["size", "n"]))
    return Released(sizes, values.select(*CELL, "statistic", "value"))


def of_peer(rows: pl.DataFrame, mode: str, keys: str, rule: str, k: int) -> Released | None:
    """A peer's sums as shown statistics; none, if it does not offer these keys."""
    mine = rows.filter(mode=mode)
    named = {"public": "size", "thresholded": "size_thresholded"}[keys]
    passed = mine.filter(statistic=named).select("draw", "level", "unit", size="value")
    if passed.is_empty():
        return None
    if keys == "public":
        passed = passed.filter(pl.col("size") >= k)
    least = k if rule == "k" else float("-inf")
    sums = mine.filter(~pl.col("statistic").is_in(["n", "size", "size_thresholded"]))
    values = [shares(mine, passed, least), *ratios(sums, passed, mode)]
    return Released(passed, pl.concat(values))


def shares(rows: pl.DataFrame, sizes: pl.DataFrame, least: float) -> pl.DataFrame:
    """Shares of themes, of counts that are estimated at the least so large."""
    counts = rows.filter((pl.col("statistic") == "n") & (pl.col("value") >= least))
    joined = counts.join(sizes, on=["draw", "level", "unit"])
    share = (pl.col("value") / pl.col("size")).clip(0, 1)
    return joined.select(*CELL, pl.lit("share").alias("statistic"), value=share)


def ratios(sums: pl.DataFrame, sizes: pl.DataFrame, mode: str) -> list[pl.DataFrame]:
    """Statistics of sessions, from sums."""
    wide = sums.pivot("statistic", index=["draw", "level", "unit"], values="value")
    wide = wide.join(sizes, on=["draw", "level", "unit"]).with_columns(key=pl.lit(""))
    if mode == "alike":
        wide = uncentred(wide)
    parts = []
    for statistic, (top, bottom) in RATIOS.items():
        ratio = SCALES.get(statistic, 1.0) * pl.col(top) / pl.col(bottom)
        if statistic not in SCALES:
            ratio = ratio.clip(0, 1)
        parts.append(wide.select(*CELL, pl.lit(statistic).alias("statistic"), value=ratio))
    return parts


def uncentred(wide: pl.DataFrame) -> pl.DataFrame:
    """Sums as they would be, had they not been centred."""
    parts = {"coaching": "whole", "proactive": "triggered"}
    plain = [name for name in CLIPS if name not in parts]
    wide = wide.with_columns(((pl.col(c) + CLIPS[c] * pl.col("size")) / 2).alias(c) for c in plain)
    return wide.with_columns(((pl.col(p) + pl.col(w)) / 2).alias(p) for p, w in parts.items())


def errors(ours: Released, theirs: Released, truth: pl.DataFrame) -> pl.DataFrame:
    """Per statistic and level, and all levels: root mean squares of errors over cells that
    both show."""
    on = [*CELL, "statistic"]
    both = ours.values.join(theirs.values.rename({"value": "peer"}), on=on)
    both = both.join(truth, on=["level", "unit", "key", "statistic"])
    both = both.filter(pl.col("peer").is_finite() & pl.col("exact").is_finite())

    def rms(value: str, target: str) -> pl.Expr:
        return ((pl.col(value) - pl.col(target)) ** 2).mean().sqrt()

    pooled = both.with_columns(level=pl.lit(ALL, pl.Int32))
    return (
        pl.concat([both, pooled])
        .group_by("statistic", "level")
        .agg(
            ours_exact=rms("value", "exact"),
            theirs_exact=rms("peer", "exact"),
            ours_bounded=rms("value", "bounded"),
            theirs_bounded=rms("peer", "bounded"),
            cells=pl.len() / pl.col("draw").n_unique(),
        )
        .sort("statistic", "level")
    )


def alone(side: Released, truth: pl.DataFrame) -> pl.DataFrame:
    """Per statistic and level: errors over all cells that one side shows."""
    shown = side.values.join(truth, on=["level", "unit", "key", "statistic"])
    shown = shown.filter(pl.col("value").is_finite() & pl.col("exact").is_finite())
    draws = side.sizes["draw"].n_unique()
    return shown.group_by("statistic", "level").agg(
        rmse=((pl.col("value") - pl.col("exact")) ** 2).mean().sqrt(), cells=pl.len() / draws
    )


def covered(side: Released, truth: pl.DataFrame, tree: pl.DataFrame, draws: int) -> pl.DataFrame:
    """Per level: the share of the truth's people in units shown, and with groups."""
    people = truth.filter(statistic="size").select("level", "unit", people="exact")
    total = people.group_by("level").agg(total=pl.col("people").sum())
    units = side.sizes.join(people, on=["level", "unit"])
    own = units.group_by("level").agg(people=pl.col("people").sum() / draws)
    joined = total.join(own, on="level", how="left").join(
        grouped(side, people, tree, draws), on="level", how="left"
    )
    return joined.fill_null(0).select(
        "level",
        units=pl.col("people") / pl.col("total"),
        grouped=(pl.col("people") + pl.col("more")) / pl.col("total"),
    )


def grouped(side: Released, people: pl.DataFrame, tree: pl.DataFrame, draws: int) -> pl.DataFrame:
    """Per level: people of hidden units whose group is shown."""
    groups = side.sizes.filter(pl.col("unit").str.starts_with(GROUP)).select(
        "draw", "level", parent=pl.col("unit").str.strip_prefix(GROUP)
    )
    members = groups.join(tree, on=["level", "parent"]).join(
        side.sizes.select("draw", "level", "unit"), on=["draw", "level", "unit"], how="anti"
    )
    counted = members.join(people, on=["level", "unit"]).group_by("level")
    return counted.agg(more=pl.col("people").sum() / draws)


def gap(side: Released) -> float:
    """How far the divisions are from adding up to the root: a root mean square, in people."""
    root = side.sizes.filter(level=0).select("draw", root="size")
    parts = side.sizes.filter(level=1).group_by("draw").agg(parts=pl.col("size").sum())
    apart = root.join(parts, on="draw").select(
        ((pl.col("root") - pl.col("parts")) ** 2).mean().sqrt()
    )
    return float(apart.item() or 0.0)
