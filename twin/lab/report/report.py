"""report.html: one self-contained page about a run, readable on a phone, on light ground and on dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from twin.lab.core.scores import THRESHOLD, renewable
from twin.lab.core.scores import scores as score
from twin.lab.draw import page
from twin.lab.draw.page import folded, pairs, table, text
from twin.lab.draw.words import number, ticks
from twin.lab.record.loading import Run, deadlocks, load
from twin.lab.record.run_directory import write_atomically
from twin.lab.report import calibration_section as reliability
from twin.lab.report import figures
from twin.lab.report import forecast_bands as bands
from twin.lab.report import hazard_section as risks
from twin.lab.report import plant_diagram as diagram
from twin.lab.report import power_section as powerflow
from twin.lab.report import queue_section as queues
from twin.lab.report.batch_means import batches
from twin.lab.report.closing_table import cards, headlines, network, network_balance

DAY = figures.DAY
SHOWN_STATES, SHOWN_SENSORS, SHOWN_HAZARDS, SHOWN_DECISIONS = 40, 16, 24, 80
OPEN_SENSORS, OPEN_HAZARDS, OPEN_DECISIONS = 3, 6, 6  # of those, not folded away
BUDGET = 1_300_000  # characters of the sensors' bands, so that no page is much larger
DESKTOP, PHONE = 1000, 330  # pixels for the plant's picture
FORECASTS = ("mae", "mase", "crps", "coverage90", "width90", "skill_persistence", "skill_ewma")
FAILURES = ("brier", "brier_skill", "average_precision", "accuracy", "precision", "recall", "f1", "observed_expected")
LIVES = ("rul_rmse", "rul_phm08", "rul_rmse_all")
Scores = Mapping[str, float]


def write_report(run: Run | str | Path, scores: Scores | None = None) -> Path:
    """Write the page into the run's directory and return its path. Works on a run that was cut short.

    The same tables give the same bytes. Raises as `load` does where a directory is given that is not a run.
    """
    run = run if isinstance(run, Run) else load(run)
    path = run.path / "report.html"
    write_atomically(path, report(run, score(run) if scores is None else scores))
    return path


def report(run: Run, scores: Scores) -> str:
    """The whole page: each section that the run has rows for, with a line of links to them."""
    facts = run.run
    words = [str(facts[key]) for key in ("scenario", "policy", "surrogate") if key in facts]
    title = " / ".join(words) or run.path.name
    parts = [(name, body) for name, make in SECTIONS.items() if (body := "\n".join(make(run, scores)))]
    return page.page(title, f"<h1>{escape(title)}</h1>\n{_status(run)}\n{_cards(run)}\n{page.sections(parts)}")


def _status(run: Run) -> str:
    facts = run.run
    days = float(facts.get("sim_s") or run.kpi_history["time"].max() or 0.0) / DAY
    words = [f"{days:.4g} simulated day{'s' * (days != 1)}" if days == days else "nothing recorded"]
    words += [f"seed {facts['seed']}"] if "seed" in facts else []
    words += [str(facts["device"])] if "device" in facts else []
    status, why = str(facts.get("status", "unknown")), str(facts.get("error") or "")
    told = {"running": "not finished: the run is still going on, or was ended from outside"}.get(status, why)
    warnings = [] if status == "finished" else [": ".join(filter(None, (status, told)))]
    warn = "".join(f'<p class="warn" role="alert">{escape(line)}</p>' for line in (*warnings, *deadlocks(run.events)))
    return f'<p class="about">{escape(", ".join(words))}</p>{warn}'


def _cards(run: Run) -> str:
    """Figures to begin with, each with its interval where the run is long enough for one."""
    shown, days = [], 0.0
    for name, label, value in cards(_in_order(run)):
        own = batches(run.kpi_history, name)
        note, course = "", ()
        if own is not None:
            mean, half = own.told()
            note, days = f"{mean} ± {half} a day" if own.daily else f"± {half}", own.days
            course = tuple(own.values.tolist())
        shown.append(page.Card(label, number(value), note, course))
    told = (
        f"±: 95 % Student interval of the mean of ten equal parts of the run ({bands.lasting(24 * days)} each), taken as independent, "
        "the warm-up among them; the curve shows the parts. It tells of this run; several seeds tell more."
    )
    return page.cards(shown) + (text(told) if days else "")


def _in_order(run: Run) -> dict[str, float]:
    """The key figures as the plant tells them, the objective's first."""
    history = run.kpi_history
    told = [str(name) for name in history[history["asset"] == ""]["name"].unique()]
    first = (run.run.get("objective") or {}).get("figure")
    return {name: run.kpis[name] for name in dict.fromkeys([first, *told, *run.kpis]) if name in run.kpis}


def _plant(run: Run, _: Scores) -> Iterator[str]:
    yield from _picture(run)
    states = figures.state_times(run)
    names = figures.in_order(run, [str(name) for name in states["asset"].unique()])
    if names and states["time"].max() > 0:
        shown = figures.eventful(run, names)
        quiet = [name for name in names if name not in shown]
        yield "<h3>States over time</h3>"
        if shown:
            yield text("Share of time in each state; above each strip what happened.")
            yield figures.states(run, shown[:SHOWN_STATES]) + _left_out(shown, SHOWN_STATES)
        yield text(f"In one state all the time: {', '.join(quiet)}." if quiet else "")
    key = (run.run.get("objective") or {}).get("signal")
    measured = run.readings[run.readings["signal"] == key]["time"] if key else pd.Series(dtype=float)
    if measured.nunique() > 2:
        yield "<h3>The objective</h3>" + text("As the plant's own counter reported it.") + figures.objective(run)


def _picture(run: Run) -> Iterator[str]:
    """The plant's diagram twice, for a wide page and for a phone: the page's style shows one of them."""
    wide, narrow = (diagram.plant(run, width=width) for width in (DESKTOP, PHONE))
    if wide:
        colours = figures.state_colours(run)
        key = "".join(f'<span><i class="{own}"></i>{escape(state)}</span>' for state, own in colours.items())
        back = " Dashed links lead back." if 'class="link back"' in wide else ""
        yield text(f"How its assets are linked, each with its share of time in each state.{back}")
        drawn = f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
        yield f'<figure class="plant">{drawn}<figcaption class="key">{key}</figcaption></figure>'


def _sensors(run: Run, _: Scores) -> Iterator[str]:
    if run.forecasts.empty:
        return
    horizon = bands.middle(run.forecasts["horizon"], 6)
    made = run.forecasts[run.forecasts["horizon"] == horizon]
    names = bands.most_telling(run, made)
    yield text(
        f"Forecasts made {_ticks(run, horizon)} ahead, entered before the truth was known, beside what was measured. "
        "First the assets to which most happened."
    )
    yield bands.key()
    size = 0
    for place, name in enumerate(names[:SHOWN_SENSORS]):
        drawn = bands.bands(run, made, name)
        size += len(drawn)
        if size > BUDGET and place:
            yield _left_out(names, place)
            return
        yield f"<h3>{escape(name)}</h3>{drawn}" if place < OPEN_SENSORS else folded(name, drawn)
    yield _left_out(names, SHOWN_SENSORS)


def _hazards(run: Run, _: Scores) -> Iterator[str]:
    hazards = renewable(run)
    if len(hazards):
        lead = bands.middle(hazards["lead"], 36)
        made = hazards[hazards["lead"] == lead]
        names = [str(name) for name in made["asset"].unique()]
        names = _eventful(run, figures.in_order(run, names))
        yield text(f"Probability of failing within {_ticks(run, lead)}, with what happened and what was ordered.")
        yield risks.risks(run, names[:OPEN_HAZARDS], lead)
        if rest := names[OPEN_HAZARDS:SHOWN_HAZARDS]:
            yield folded(f"{len(rest)} more assets", risks.risks(run, rest, lead))
        yield _left_out(names, SHOWN_HAZARDS)
    orders, others = risks.ordered(run)
    yield from _decisions("work order", orders)
    yield from _decisions("other command", others)


def _eventful(run: Run, names: Sequence[str]) -> list[str]:
    """Those first that failed or were maintained most; else as they were."""
    events = figures.true_events(run)
    counts = events[events["kind"].isin([figures.FAILED, figures.PLANNED])]["asset"].astype(str).value_counts()
    return sorted(names, key=lambda name: -int(counts.get(name, 0)))


def _decisions(what: str, rows: pd.DataFrame) -> Iterator[str]:
    """The last decisions with their reasons, most of them folded."""
    if rows.empty:
        return
    what += "s" * (len(rows) != 1)
    last = rows.tail(SHOWN_DECISIONS).iloc[::-1]
    cells: list[tuple[str, ...]] = [
        (f"day {time / DAY:.2f}", str(actuator), number(value), str(reason))
        for time, actuator, value, reason in zip(
            last["time"], last["actuator"], last["value"], last["reason"], strict=True
        )
    ]
    head, words = ["when", "actuator", "value", "reason"], [1, 3]
    if (last["value"] == 1.0).all():  # orders say no more than that they were given
        head, words, cells = ["when", "actuator", "reason"], [1, 2], [(row[0], row[1], row[3]) for row in cells]
    count = f"The last {min(len(rows), OPEN_DECISIONS)} of {len(rows):,} {what}, latest first"
    yield table(count, head, cells[:OPEN_DECISIONS], words)
    if rest := cells[OPEN_DECISIONS:]:
        yield folded(f"{len(rest)} {what} before these", table(f"{what.capitalize()} before these", head, rest, words))


def _learning(run: Run, _: Scores) -> Iterator[str]:
    if run.losses["value"].notna().any():
        told = "Each forecast is scored before it is learned from; its loss is told in errors of persistence."
        yield text(f"{told} Smoothed over a day.") + figures.learning(run)


def _calibration(run: Run, _: Scores) -> Iterator[str]:
    if len(run.forecasts):
        yield text("Forecasts of the last third. Calibrated ones lie on the dotted lines.")
        yield reliability.forecasts(run)
    if reliability.hazard_curves(run):
        yield text("Failures, in bins of equal size by forecast probability, weighted for what maintenance hid.")
        yield reliability.hazards(run)


def _scores(_: Run, scores: Scores) -> Iterator[str]:
    names = _ended("mae.", scores)
    if names:
        yield text("A skill is 1 - MAE / MAE of the reference: above 0 is better than it.")
        yield _matrix("Forecasts of the last third", "target", FORECASTS, names, scores)
    leads = _ended("brier.", scores)
    if leads:
        yield text(
            f"Alarm at a probability of {THRESHOLD:g} or more. Lives that maintenance ended are not counted, the others "
            "weighted for them; a policy that maintains what it holds most at risk hides those failures, so compare "
            "surrogates under run_to_failure."
        )
        yield _matrix("Failures of the last third", "failure within", FAILURES, leads, scores)
    lives = [(name.replace("_", " "), number(scores[name])) for name in LIVES if name in scores]
    if lives:
        yield text("Remaining life in ticks: where the failure was seen, and over all lives that were known.")
        yield pairs(lives)


def _ended(prefix: str, scores: Scores) -> list[str]:
    """What follows the prefix in the names of scores, by target, then horizon."""
    names = [name.removeprefix(prefix) for name in scores if name.startswith(prefix)]
    return sorted(names, key=lambda name: (name.rpartition("h")[0], int(name.rpartition("h")[2])))


def _key_figures(run: Run, _: Scores) -> Iterator[str]:
    if run.kpis:
        yield pairs(_named(headlines(run.kpis)))


def _network(run: Run, _: Scores) -> Iterator[str]:
    rows = network(run.kpis)
    if rows:
        yield text(" ".join(network_balance(run.kpis)))
        delay = (run.readings["arrived"] - run.readings["time"]).to_numpy()
        if len(delay):
            middle, late, last = np.nanquantile(delay, [0.5, 0.99, 1.0])
            yield text(f"Readings arrived after {middle:.3g} s (median), {late:.3g} s (99 %), {last:.3g} s (the last).")
        yield pairs(_named(rows))


def _configuration(run: Run, _: Scores) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in (run.run.get("versions") or {}).items())
    yield text(f"{run.run.get('threads')} thread(s); {versions}" if versions else "")
    config = yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True)
    yield folded("config.yaml", f"<pre>{escape(config)}</pre>")


SECTIONS: Mapping[str, Callable[[Run, Scores], Iterator[str]]] = {
    "The plant": _plant, "Dispatch": powerflow.section, "Queues": queues.section, "Sensors and forecasts": _sensors,
    "Hazards and decisions": _hazards, "Learning": _learning,
    "Calibration": _calibration, "Scores": _scores, "Key figures": _key_figures, "Network": _network,
    "Configuration": _configuration,
}  # fmt: skip


def _ticks(run: Run, count: int) -> str:
    return f"{ticks(count)} ({bands.lasting(count * figures.tick(run) / 3600)})"


def _left_out(names: Sequence[str], shown: int) -> str:
    return text(f"{len(names) - shown} more assets are left out here.") if len(names) > shown else ""


def _named(rows: Sequence[tuple[str, float]]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), number(value)) for name, value in rows]


def _matrix(caption: str, corner: str, kinds: Sequence[str], names: Sequence[str], scores: Scores) -> str:
    rows = [
        [_row_name(name), *(number(scores.get(f"{kind}.{name}", float("nan"))) for kind in kinds)] for name in names
    ]
    return table(caption, [corner, *(kind.replace("_", " ") for kind in kinds)], rows)


def _row_name(name: str) -> str:
    target, _, horizon = name.rpartition("h")
    return ", ".join(filter(None, (target.rstrip("."), ticks(int(horizon)))))
