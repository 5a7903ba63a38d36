"""The closing table of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from twin.lab.draw.terminal import TextConsole
from twin.lab.draw.words import number, percent, skill, ticks
from twin.lab.record.outlook_file import read_outlook
from twin.lab.record.verdict_file import read_verdict
from twin.lab.report import caveats

LINES = "oee"  # the figure that plants have which make parts; others are shown in their own order
HEADLINES = (
    "profit_per_hour",
    "good_parts",
    "scrap_parts",
    "throughput_per_hour",
    "oee",
    "availability",
    "performance",
    "quality",
    "energy_kwh",
    "energy_per_good_part",
    "maintenance_preventive",
    "maintenance_corrective",
    "downtime_failure_hours",
    "downtime_maintenance_hours",
    "mtbf_hours",
    "mttr_hours",
    "wip_mean",
)
NETWORK = (
    "uplink_sent",
    "uplink_delivered",
    "uplink_lost",
    "uplink_duplicated",
    "uplink_in_flight",
    "messages_missing",
    "readings_late",
    "readings_out_of_range",
    "readings_stuck",
    "downlink_sent",
    "downlink_lost",
    "commands_applied",
    "commands_refused",
    "commands_late",
)
CARDS = {
    "profit_per_hour": "profit per hour",
    "cost_per_day": "cost per day",
    "good_parts": "good parts",
    "oee": "OEE",
    "self_sufficiency": "self-sufficiency",
    "peak_kw": "highest import, kW",
    "unserved_kwh": "unserved, kWh",
    "maintenance_corrective": "failures repaired",
    "maintenance_preventive": "planned renewals",
    "downtime_hours": "downtime, h",
}
ABOUT_NETWORK = ("uplink_", "downlink_", "messages_", "readings_", "events_", "commands_")
ACCOUNT = ("sent", "duplicated", "delivered", "lost", "in_flight")
Figures = Mapping[str, float]


def cards(kpis: Figures) -> list[tuple[str, str, float]]:
    """(name, label, value) of the figures to begin with; where a plant has few of CARDS, its own first ones too."""
    known = [(name, label, kpis[name]) for name, label in CARDS.items() if name in kpis]
    others = [(name, name.replace("_", " "), value) for name, value in headlines(kpis) if name not in CARDS]
    return [*others[: max(6 - len(known), 0)], *known]


def headlines(kpis: Figures) -> list[tuple[str, float]]:
    """(name, value) of all figures but the network's, HEADLINES first; in the plant's own order where it has others."""
    first = HEADLINES if LINES in kpis else ()
    others = (name for name in kpis if name not in first and not name.startswith(ABOUT_NETWORK))
    return [(name, kpis[name]) for name in (*first, *others) if name in kpis]


def network(kpis: Figures) -> list[tuple[str, float]]:
    """(name, value) of all figures about messages, readings and commands."""
    others = (name for name in kpis if name not in NETWORK and name.startswith(ABOUT_NETWORK))
    return [(name, kpis[name]) for name in (*NETWORK, *others) if name in kpis]


def network_balance(kpis: Figures) -> list[str]:
    """For each direction, a sentence that says where every message is: sent + copies = delivered + lost + in flight."""
    lines = []
    for name in ("uplink", "downlink"):
        if any(f"{name}_{what}" not in kpis for what in ACCOUNT):
            continue
        sent, copies, arrived, lost, flying = (kpis[f"{name}_{what}"] for what in ACCOUNT)
        gap = sent + copies - arrived - lost - flying
        account = f"{name.capitalize()}: {number(sent)} sent + {number(copies)} copies = {number(arrived)} delivered"
        missing = f"; {number(gap)} UNACCOUNTED FOR" if gap else ""
        lines.append(f"{account} + {number(lost)} lost + {number(flying)} in flight{missing}.")
    return lines


def print_run(path: Path, kpis: Mapping[str, float], scores: Mapping[str, float], warnings: Sequence[str] = ()) -> None:
    """The verdict, key figures, forecast and failure scores of the last third, the network, where the report is."""
    console = TextConsole(110)
    print_verdict(console, path)
    print_outlook(console, path)
    figures = Table("key figure", "value", "network and commands", "count", box=None, header_style="bold")
    shown = headlines(kpis)
    first = [entry for entry in shown if entry[0] in HEADLINES] if LINES in kpis else shown
    left = [(name, caveats.cell(name, kpis)) for name, _ in first]
    right = [(name, number(kpis[name])) for name in NETWORK if name in kpis]
    for i in range(max(len(left), len(right))):
        figures.add_row(*(left[i] if i < len(left) else ("", "")), *(right[i] if i < len(right) else ("", "")))
    for column in (1, 3):
        figures.columns[column].justify = "right"
    console.print(figures)
    for line in network_balance(kpis):
        console.print(line, highlight=False)
    for remark in caveats.about_figures(kpis):
        console.print(remark, highlight=False)
    for warning in warnings:
        console.print(warning, style="bold red", markup=False, highlight=False)
    print_forecasts(console, scores)
    print_failures(console, scores)
    page = path / "report.html"
    console.print(str(page if page.exists() else path), style="bold", soft_wrap=True, highlight=False)


def print_verdict(console: Console, path: Path) -> None:
    """Whether the run was worth it, where it was told beside the standard practice, and how to ask more seeds."""
    verdict = read_verdict(path)
    if verdict is None:
        return
    first, *others = verdict["words"]
    console.print(first, style="bold", highlight=False)
    for line in others:
        console.print(line, highlight=False)
    console.print(f"  {verdict['command']}", soft_wrap=True, highlight=False)
    console.print()


def print_outlook(console: Console, path: Path) -> None:
    """What limits the plant, what relieving it is worth, what comes next."""
    lines = read_outlook(path).get("words") or []
    for line in lines:
        console.print(line, highlight=False)
    if lines:
        console.print()


def print_forecasts(console: Console, scores: Mapping[str, float], part: str = "last third") -> None:
    """Forecasts of `part` of a run against their references, and how many labels that rests on."""
    names = [name.removeprefix("mae.") for name in scores if name.startswith("mae.")]
    if not names:
        return
    skills = ("skill over\npersistence", "skill over\nEWMA")
    heads = ("MAE", *skills, "90 %\ncoverage", "CRPS", "labels", "indepen-\ndent")
    table = _table(f"forecast,\n{part}", *heads)
    for name in sorted(names, key=lambda n: (n.rsplit(".h", 1)[0], int(n.rsplit(".h", 1)[1]))):
        target, _, horizon = name.rpartition(".h")
        table.add_row(
            f"{target}, {ticks(int(horizon))}",
            number(scores[f"mae.{name}"]),
            *(skill(scores[f"skill_{reference}.{name}"]) for reference in ("persistence", "ewma")),
            percent(scores[f"coverage90.{name}"]),
            number(scores[f"crps.{name}"]),
            *caveats.of_labels(name, scores),
        )
    console.print(table)
    console.print(f"{caveats.SKILL}\n{caveats.LABELS}", highlight=False)


def print_failures(console: Console, scores: Mapping[str, float], part: str = "last third") -> None:
    """Failures foreseen, in `part` of a run, and how many failures that rests on."""
    leads = sorted(int(name.rsplit(".h", 1)[1]) for name in scores if name.startswith("brier."))
    if not leads:
        return
    kinds = ("brier", "brier_skill", "average_precision", "precision", "recall", "f1", "observed_expected")
    table = _table(f"failure within,\n{part}", "failures", *(kind.replace("_", "\n") for kind in kinds))
    for lead in leads:
        figures = (scores.get(f"{kind}.h{lead}") for kind in kinds)
        shown = [skill(f) if kind == "brier_skill" else number(f) for kind, f in zip(kinds, figures, strict=True)]
        table.add_row(ticks(lead), caveats.of_failures(f"h{lead}", scores), *shown)
    console.print(table)
    console.print(caveats.FAILURES, highlight=False)


def _table(*heads: str) -> Table:
    """Names to the left, figures to the right, so narrow that eighty columns hold them."""
    table = Table(*heads, box=None, header_style="bold", padding=(0, 1, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    return table
