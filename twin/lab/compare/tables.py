"""The tables of a comparison, in words, and the terminal's print of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from twin.lab.compare.comparison import FULL_POWER, Comparison, Result
from twin.lab.draw.terminal import TextConsole
from twin.lab.draw.text_table import TextTable
from twin.lab.draw.words import number, percent
from twin.lab.losses import definitions, unit_of
from twin.lab.statistics import COVERED

INTERVAL = "95 % interval"


def grids(comparison: Comparison) -> list[tuple[Result, list[TextTable]]]:
    """By metric: what each arm reached, best first, its loss, then its paired differences from each baseline."""
    return [
        (result, [_arms(comparison, result), *_losses(comparison, result), *_differences(result)])
        for result in comparison.results
    ]


def notes(comparison: Comparison) -> list[str]:
    """What holds for all tables: the warm-up, what is paired, tests and their family."""
    lines = [f"Warm-up: {comparison.cut.words}.", *(f"{note[:1].upper()}{note[1:]}." for note in comparison.unlike)]
    counts = {len(result.differences) for result in comparison.results} - {0}
    if counts:
        family = max(counts)
        over = f"over the {family} differences" if family > 1 else "(there is one difference)"
        lines.append(
            "Differences are paired by seed (common random numbers), with 95 % intervals: Student's t, and the BCa "
            "bootstrap. "
            f"p: paired t test, adjusted by Holm {over} of a metric; Wilcoxon: signed-rank test, not adjusted, "
            "a check. "
            "Effect: mean / standard deviation of the differences (Cohen's d_z)."
        )
    seeds = min((result.seeds for result in comparison.results), default=0)
    lines += _few(seeds) if counts else []
    lines += [_idle(comparison.idle)] if comparison.idle else []
    lines += [f"{note[:1].upper()}{note[1:]}." for note in comparison.notes]
    return lines


def _idle(arms: Sequence[str]) -> str:
    """Arms that never acted look like a draw of policies, and are one plant left alone."""
    alike = ", so they do not differ by what a policy did" if len(arms) > 1 else ""
    return f"Sent no command in any run{alike}: {', '.join(arms)}."


def _few(seeds: int) -> list[str]:
    """What a small number of seeds does to the bootstrap and to ranks."""
    lines = []
    if seeds in COVERED:
        lines.append(
            f"With {seeds} seeds the bootstrap sees too little: its 95 % intervals cover about {COVERED[seeds]} %, and "
            "P(best) is "
            "too sure of itself; go by Student's."
        )
    if seeds < FULL_POWER:
        lines.append(f"With {seeds} seeds no signed-rank test can fall below p = {2 / 2**seeds:g}.")
    return lines


def _arms(comparison: Comparison, result: Result) -> TextTable:
    head = ["arm", "mean", INTERVAL, "seeds"]
    head += ["P(best)"] if result.chances else []
    rows = []
    for row in sorted(result.means, key=lambda row: -result.sense * row["mean"]):
        arm = str(row["policy"])
        cells = [arm, _mean(row["mean"], row), _interval(row), str(row["n"])]
        cells += [_chance(result.chances.get(arm))] if result.chances else []
        rows.append(cells)
    lines = [_best(comparison)] if result.chances else []
    lines += [] if result.excesses else _sentences(result.remarks)
    return TextTable(f"{result.metric}, {result.better}", head, rows, lines)


def _sentences(remarks: Sequence[str]) -> list[str]:
    return [f"{remark[:1].upper()}{remark[1:]}." for remark in remarks]


def _losses(comparison: Comparison, result: Result) -> list[TextTable]:
    """Loss, excess and share of each arm, the money beside them, and what the words mean; nothing without a reference.

    See twin.lab.losses.
    """
    if not result.excesses:
        return []
    terms, reference = comparison.terms, str(comparison.terms.reference)
    lost = any(row["loss"] is not None for row in result.excesses)
    over = any(row["difference"] is not None for row in result.excesses)
    head = ["arm", *(["J"] if lost else []), *(["excess", INTERVAL] if over else []), f"minus {reference}", INTERVAL]
    head += ["share"] if terms.practice else []
    rows = []
    for row in sorted(result.excesses, key=lambda row: -result.sense * row["gain"]):
        money = {"low": row["gain_low"], "high": row["gain_high"]}
        cells = [str(row["policy"]), *([number(row["loss"])] if lost else []), *(_excess(row) if over else ())]
        cells += [_mean(row["gain"], money), _interval(money)]
        cells += [percent(row["share"], 0) if row["share"] is not None else "-"] if terms.practice else []
        rows.append(cells)
    told = definitions(
        reference=reference,
        practice=terms.practice,
        ideal=terms.ideal,
        bound=terms.bound and lost,
        loss=next((row["reference_loss"] for row in result.excesses if "reference_loss" in row), None),
    )
    caption = f"{result.metric}, losses and what they are in {_unit(comparison, result) or 'its unit'}"
    return [TextTable(caption, head, rows, [*told, *_sentences(result.remarks)])]


def _unit(comparison: Comparison, result: Result) -> str:
    """Of the metric, where the runs' objective has it."""
    about = next(iter(next(iter(comparison.arms.values())).values())).objective
    return unit_of(result.metric, str(about.get("unit") or "")) if about.get("figure") == result.metric else ""


def _best(comparison: Comparison) -> str:
    aside = [arm for arm in (comparison.terms.reference, comparison.terms.ideal) if arm]
    but = f" but {' and '.join(aside)}" if aside else ""
    same = " that had the same plant" if comparison.unlike else ""
    share = "share of bootstrap resamples of the seeds in which the arm's mean is the best"
    return f"P(best): {share} of all arms{same}{but}."


def _differences(result: Result) -> list[TextTable]:
    head = ["arm", "difference", "t interval", "BCa interval", "p (Holm)", "Wilcoxon p", "effect"]
    by_baseline: dict[str, list[Sequence[str]]] = {str(row["baseline"]): [] for row in result.differences}
    for row in sorted(result.differences, key=lambda row: -result.sense * row["difference"]):
        boot = " … ".join(_mean(row[end], row) for end in ("boot_low", "boot_high"))
        tests = (_p(row["holm_p"]), _p(row["wilcoxon_p"]), _effect(row["effect_size"]))
        cells = [str(row["policy"]), _mean(row["difference"], row), _interval(row), boot, *tests]
        by_baseline[str(row["baseline"])].append(cells)
    return [TextTable(f"{result.metric}, minus {name}", head, rows) for name, rows in by_baseline.items()]


def print_comparison(comparison: Comparison) -> None:
    """All tables and notes, to the terminal."""
    console = TextConsole(110)
    for result, tables in grids(comparison):
        for grid in tables:
            grid.terminal(console)
            console.print()
        if result is comparison.results[-1]:
            for note in notes(comparison):
                console.print(note, highlight=False, markup=False)


def _interval(row: Mapping[str, Any]) -> str:
    return "-" if row["low"] is None else f"{_mean(row['low'], row)} … {_mean(row['high'], row)}"


def _mean(value: float, row: Mapping[str, Any]) -> str:
    """So exactly that two figures of its interval's half-width are told: what differs looks different."""
    return number(value, 0.0 if row["low"] is None else (row["high"] - row["low"]) / 2)


def _effect(size: float) -> str:
    """Equal differences have no spread to be measured by."""
    return (f"{size:+.2f}" if size else "0") if math.isfinite(size) else "no spread"


def _excess(row: Mapping[str, Any]) -> tuple[str, str]:
    if row["difference"] is None:
        return "-", "-"
    return f"{100 * row['difference']:+.1f} %", f"{100 * row['low']:+.1f} … {100 * row['high']:+.1f} %"


def _chance(share: float | None) -> str:
    if share is None:
        return "-"
    return f"{share:.2f}" if 0.005 <= share <= 0.995 else "< 0.01" if share < 0.5 else "> 0.99"


def _p(value: float) -> str:
    return "< 0.0001" if value < 1e-4 else f"{value:.2g}"
