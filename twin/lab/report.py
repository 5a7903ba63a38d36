"""report.html: one self-contained page about a run, readable on a phone, on light ground and on dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from twin.lab import diagram, figures, powerflow, queues
from twin.lab.drawing import DAY, VARIABLES
from twin.lab.loading import Run, deadlocks, load
from twin.lab.rundir import write_atomically
from twin.lab.scores import THRESHOLD, renewable
from twin.lab.scores import scores as score
from twin.lab.table import cards, headlines, network, network_balance, number, ticks

SHOWN_STATES, SHOWN_SENSORS, SHOWN_HAZARDS, SHOWN_DECISIONS = 40, 12, 24, 80
DESKTOP, PHONE = 1000, 416  # pixels for the plant's picture
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
    write_atomically(path, page(run, score(run) if scores is None else scores))
    return path


def page(run: Run, scores: Scores) -> str:
    """The whole page: each section that the run has rows for, with a line of links to them."""
    facts = run.run
    words = [str(facts[key]) for key in ("scenario", "policy", "surrogate") if key in facts]
    title = " / ".join(words) or run.path.name
    sections = [(name, body) for name, make in SECTIONS.items() if (body := "\n".join(make(run, scores)))]
    links = "".join(f'<a href="#{_anchor(name)}">{escape(name)}</a>' for name, _ in sections)
    parts = "\n".join(f'<section id="{_anchor(n)}"><h2>{escape(n)}</h2>\n{b}\n</section>' for n, b in sections)
    style = files("twin.lab").joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>\n{style}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n{_status(run)}\n{_cards(run)}\n<nav>{links}</nav>\n{parts}\n</body></html>\n"
    )


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _status(run: Run) -> str:
    facts = run.run
    days = float(facts.get("sim_s") or run.kpi_history["time"].max() or 0.0) / DAY
    words = [f"{days:.4g} simulated day{'s' * (days != 1)}" if days == days else "nothing recorded"]
    words += [f"seed {facts['seed']}"] if "seed" in facts else []
    words += [str(facts["device"])] if "device" in facts else []
    status, why = str(facts.get("status", "unknown")), str(facts.get("error") or "")
    told = {"running": "not finished: the run is still going on, or was ended from outside"}.get(status, why)
    warnings = [] if status == "finished" else [": ".join(filter(None, (status, told)))]
    warn = "".join(f'<p class="warn">{escape(line)}</p>' for line in (*warnings, *deadlocks(run.events)))
    return f'<p class="about">{escape(", ".join(words))}</p>{warn}'


def _cards(run: Run) -> str:
    shown = "".join(
        f'<div class="card"><b>{number(value)}</b><span>{escape(label)}</span></div>'
        for label, value in cards(run.kpis)
    )
    return f'<div class="cards">{shown}</div>' if shown else ""


def _plant(run: Run, _: Scores) -> Iterator[str]:
    yield from _picture(run)
    states = figures.state_times(run)
    names = figures.in_order(run, [str(name) for name in states["asset"].unique()])
    if names and states["time"].max() > 0:
        yield _text("Share of time in each state. Above each bar: failures as crosses, planned work as strokes.")
        yield _figure(figures.states(run, names[:SHOWN_STATES])) + _left_out(names, SHOWN_STATES)
    key = (run.run.get("objective") or {}).get("signal")
    measured = run.readings[run.readings["signal"] == key]["time"] if key else pd.Series(dtype=float)
    if measured.nunique() > 2:
        yield _text("The objective as the plant's own counter reported it.") + _figure(figures.objective(run))


def _picture(run: Run) -> Iterator[str]:
    """The plant's diagram twice, for a wide page and for a phone: the page's style shows one of them."""
    wide, narrow = (diagram.plant(run, width=width) for width in (DESKTOP, PHONE))
    if wide:
        colours = {state: VARIABLES.get(colour, colour) for state, colour in figures.state_colours(run).items()}
        key = "".join(f'<span><i style="background:{c}"></i>{escape(state)}</span>' for state, c in colours.items())
        back = " Dashed links lead back." if 'class="link back"' in wide else ""
        yield _text(f"How its assets are linked, each with its share of time in each state.{back}")
        drawn = f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
        yield f'<figure class="plant">{drawn}<figcaption>{key}</figcaption></figure>'


def _sensors(run: Run, _: Scores) -> Iterator[str]:
    if run.forecasts.empty:
        return
    horizon = _middle(run.forecasts["horizon"], 6)
    made = run.forecasts[run.forecasts["horizon"] == horizon]
    names = figures.in_order(run, [str(name) for name in made["asset"].unique()])
    told = "Red strokes are failures, blue ones planned work."
    yield _text(f"Forecasts made {_ticks(run, horizon)} ahead, entered before the truth was known. {told}")
    for place, name in enumerate(names[:SHOWN_SENSORS]):
        figure = _figure(figures.sensors(run, horizon, name))
        yield f"<details{' open' if place < 2 else ''}><summary>{escape(name)}</summary>{figure}</details>"
    yield _left_out(names, SHOWN_SENSORS)


def _hazards(run: Run, _: Scores) -> Iterator[str]:
    hazards = renewable(run)
    if len(hazards):
        lead = _middle(hazards["lead"], 36)
        made = hazards[hazards["lead"] == lead]
        names = figures.in_order(run, [str(name) for name in made["asset"].unique()])
        yield _text(
            f"Probability of failing within {_ticks(run, lead)}; grey dots: the constant-rate forecast. "
            "Red lines are failures, blue ones planned work."
        )
        yield _figure(figures.hazards(run, names[:SHOWN_HAZARDS], lead)) + _left_out(names, SHOWN_HAZARDS)
    orders = {a["key"] for a in run.run.get("actuators") or [] if a.get("kind") == "work_order"}
    ordered = run.decisions["actuator"].astype(str).isin(orders)
    yield from _decisions("work order", run.decisions[ordered])
    yield from _decisions("other command", run.decisions[~ordered])


def _decisions(what: str, rows: pd.DataFrame) -> Iterator[str]:
    if rows.empty:
        return
    last = rows.tail(SHOWN_DECISIONS)
    cells = zip(last["time"], last["actuator"], last["value"], last["reason"], strict=True)
    lines = "".join(
        f'<tr><td>day {time / DAY:.2f}</td><td class="words">{escape(str(actuator))}</td><td>{number(value)}</td>'
        f'<td class="words">{escape(str(reason))}</td></tr>'
        for time, actuator, value, reason in cells
    )
    what += "s" * (len(rows) != 1)
    count = f"the last {len(last)} of {len(rows):,} {what}" if len(rows) > len(last) else f"{len(rows)} {what}"
    head = '<tr><th>when</th><th class="words">actuator</th><th>value</th><th class="words">reason</th></tr>'
    yield f"<details><summary>{count}, with reasons</summary>{_scroll(head + lines)}</details>"


def _learning(run: Run, _: Scores) -> Iterator[str]:
    if run.losses["value"].notna().any():
        yield _text("Each forecast is scored before it is learned from. Smoothed over a day.") + _figure(
            figures.learning(run)
        )


def _calibration(run: Run, _: Scores) -> Iterator[str]:
    if len(run.forecasts):
        yield _text("Forecasts of the last third. Calibrated ones lie on the dotted lines, left and right.")
        yield _figure(figures.reliability(run))
    if figures.hazard_curves(run):
        yield _text("Failures, in bins of equal size by forecast probability, weighted for what maintenance hid.")
        yield _figure(figures.hazard_reliability(run))


def _scores(_: Run, scores: Scores) -> Iterator[str]:
    names = _ended("mae.", scores)
    if names:
        yield _text(
            "Forecasts of the last third. A skill is 1 - MAE / MAE of the reference: above 0 is better than it."
        )
        yield _matrix("target", FORECASTS, names, scores)
    leads = _ended("brier.", scores)
    if leads:
        yield _text(
            f"Failures of the last third. Alarm at a probability of {THRESHOLD:g} or more. Lives that maintenance ended "
            "are not counted, the others weighted for them; a policy that maintains what it holds most at risk hides "
            "those failures, so compare surrogates under run_to_failure."
        )
        yield _matrix("failure within", FAILURES, leads, scores)
    lives = [(name, scores[name]) for name in LIVES if name in scores]
    if lives:
        yield _text("Remaining life in ticks: where the failure was seen, and over all lives that were known.")
        yield _pairs(lives)


def _ended(prefix: str, scores: Scores) -> list[str]:
    """What follows the prefix in the names of scores, by target, then horizon."""
    names = [name.removeprefix(prefix) for name in scores if name.startswith(prefix)]
    return sorted(names, key=lambda name: (name.rpartition("h")[0], int(name.rpartition("h")[2])))


def _key_figures(run: Run, _: Scores) -> Iterator[str]:
    if run.kpis:
        yield _pairs(headlines(run.kpis))


def _network(run: Run, _: Scores) -> Iterator[str]:
    rows = network(run.kpis)
    if rows:
        yield _text(" ".join(network_balance(run.kpis)))
        delay = (run.readings["arrived"] - run.readings["time"]).to_numpy()
        if len(delay):
            middle, late, last = np.nanquantile(delay, [0.5, 0.99, 1.0])
            yield _text(
                f"Readings arrived after {middle:.3g} s (median), {late:.3g} s (99 %), {last:.3g} s (the last)."
            )
        yield _pairs(rows)


def _configuration(run: Run, _: Scores) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in (run.run.get("versions") or {}).items())
    threads = f"{run.run.get('threads')} thread(s); {versions}" if versions else ""
    config = yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True)
    yield f"{_text(threads)}<details><summary>config.yaml</summary><pre>{escape(config)}</pre></details>"


SECTIONS: Mapping[str, Callable[[Run, Scores], Iterator[str]]] = {
    "The plant": _plant, "Dispatch": powerflow.section, "Queues": queues.section, "Sensors and forecasts": _sensors,
    "Hazards and decisions": _hazards, "Learning": _learning,
    "Calibration": _calibration, "Scores": _scores, "Key figures": _key_figures, "Network": _network,
    "Configuration": _configuration,
}  # fmt: skip


def _middle(values: pd.Series, wanted: int) -> int:
    """`wanted` where it is there, else the middle one."""
    found = sorted(int(value) for value in values.unique())
    return wanted if wanted in found else found[len(found) // 2]


def _ticks(run: Run, count: int) -> str:
    return f"{ticks(count)} ({count * figures.tick(run) / 3600:.3g} h)"


def _left_out(names: Sequence[str], shown: int) -> str:
    return _text(f"{len(names) - shown} more assets are left out here.") if len(names) > shown else ""


def _text(words: str) -> str:
    return f"<p>{escape(words)}</p>" if words else ""


def _figure(svg: str) -> str:
    return f"<figure>{svg}</figure>"


def _scroll(rows: str) -> str:
    return f'<div class="scroll"><table>{rows}</table></div>'


def _matrix(corner: str, kinds: Sequence[str], names: Sequence[str], scores: Scores) -> str:
    head = "".join(f"<th>{escape(kind.replace('_', ' '))}</th>" for kind in kinds)
    rows = "".join(
        f"<tr><td>{escape(_row_name(name))}</td>"
        + "".join(f"<td>{number(scores.get(f'{kind}.{name}', float('nan')))}</td>" for kind in kinds)
        + "</tr>"
        for name in names
    )
    return _scroll(f"<tr><th>{escape(corner)}</th>{head}</tr>{rows}")


def _row_name(name: str) -> str:
    target, _, horizon = name.rpartition("h")
    return ", ".join(filter(None, (target.rstrip("."), ticks(int(horizon)))))


def _pairs(rows: Sequence[tuple[str, float]]) -> str:
    cells = "".join(f"<div><dt>{escape(n.replace('_', ' '))}</dt><dd>{number(v)}</dd></div>" for n, v in rows)
    return f'<dl class="pairs">{cells}</dl>'
