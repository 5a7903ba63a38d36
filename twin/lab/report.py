"""report.html: one self-contained page about a run, readable on a phone, in light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path

import yaml

from twin.lab import figures
from twin.lab.loading import Run
from twin.lab.rundir import write_atomically
from twin.lab.table import HEADLINES, NETWORK, number

CARDS = (
    ("profit_per_hour", "profit per hour"), ("good_parts", "good parts"), ("oee", "OEE"),
    ("maintenance_corrective", "failures repaired"), ("maintenance_preventive", "planned renewals"),
    ("downtime_hours", "downtime, h"),
)  # fmt: skip
STYLE = """
:root { color-scheme: light dark; --ink: #1d2429; --soft: #5c666e; --ground: #f6f7f8; --card: #ffffff; --line: #dde2e6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaed; --soft: #9aa5ad; --ground: #14181b; --card: #1d2327; --line: #313a40; } }
* { box-sizing: border-box } body { margin: 0 auto; max-width: 64rem; padding: 1rem; background: var(--ground);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif } h1 { font-size: 1.5rem; margin: .5rem 0 0 }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } p { color: var(--soft); margin: .2rem 0 .6rem }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; margin: 1rem 0 }
.card, figure, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem }
.card b { display: block; font-size: 1.35rem } .card span { color: var(--soft); font-size: .85rem }
figure { margin: 0; overflow-x: auto } figure svg { width: 100%; height: auto; min-width: 34rem; display: block }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap }
th:first-child, td:first-child { text-align: left } td.words { white-space: normal; text-align: left }
pre { overflow-x: auto; font-size: .8rem } .warn { color: #c8443c; font-weight: 600 }
"""


def write_report(run: Run, scores: Mapping[str, float]) -> Path:
    """Write the page into the run's directory and return its path. Works on a run that was cut short."""
    path = run.path / "report.html"
    write_atomically(path, page(run, scores))
    return path


def page(run: Run, scores: Mapping[str, float]) -> str:
    """The whole page."""
    facts = run.run
    title = " / ".join(str(facts[key]) for key in ("scenario", "policy", "surrogate") if key in facts)
    body = "\n".join(_body(run, scores))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def _body(run: Run, scores: Mapping[str, float]) -> Iterator[str]:
    yield _status(run)
    yield _cards(run)
    yield from _figure(
        "What the plant did", "Share of time in each state.", lambda: figures.states(run), len(run.kpi_history)
    )
    yield from _figure(
        "The objective", "Cumulative, from the plant's own books.", lambda: figures.objective(run), len(run.readings)
    )
    yield from _sensor_figures(run)
    yield from _figure("Hazards and decisions", "", lambda: figures.hazards(run), len(run.hazards))
    yield from _decisions(run)
    yield from _figure("Learning", "Smoothed over a day of ticks.", lambda: figures.learning(run), len(run.losses))
    calibrated = "A calibrated forecast lies on the dotted line."
    yield from _figure("Calibration", calibrated, lambda: figures.reliability(run), len(run.forecasts))
    yield from _forecast_table(scores)
    yield from _failure_table(scores)
    yield "<h2>Key figures</h2>" + _pairs([(n, run.kpis[n]) for n in HEADLINES if n in run.kpis])
    yield "<h2>Network and commands</h2>" + _pairs([(n, run.kpis[n]) for n in NETWORK if n in run.kpis])
    config = yaml.safe_dump(run.config, sort_keys=False)
    yield f'<h2>Configuration</h2><details class="scroll"><summary>config.yaml</summary><pre>{escape(config)}</pre></details>'


def _status(run: Run) -> str:
    facts = run.run
    days = float(facts.get("sim_s", 0.0)) / figures.DAY
    about = (
        f"{days:g} simulated days, seed {facts.get('seed')}, {facts.get('device')}, {facts.get('threads')} thread(s)"
    )
    versions = ", ".join(f"{k} {v}" for k, v in facts.get("versions", {}).items())
    status = str(facts.get("status"))
    warn = (
        "" if status == "finished" else f'<p class="warn">{escape(status)}: {escape(str(facts.get("error", "")))}</p>'
    )
    return f"<p>{escape(about)}<br><small>{escape(versions)}</small></p>{warn}"


def _cards(run: Run) -> str:
    cards = [
        f'<div class="card"><b>{number(run.kpis[name])}</b><span>{escape(label)}</span></div>'
        for name, label in CARDS
        if name in run.kpis
    ]
    return f'<div class="cards">{"".join(cards)}</div>'


def _figure(title: str, text: str, make: Callable[[], str], rows: int) -> Iterator[str]:
    if not rows:
        return
    note = f"<p>{escape(text)}</p>" if text else ""
    yield f"<h2>{escape(title)}</h2>{note}<figure>{make()}</figure>"


def _sensor_figures(run: Run) -> Iterator[str]:
    if run.forecasts.empty:
        return
    horizons = sorted(run.forecasts["horizon"].unique())
    horizon = int(horizons[min(1, len(horizons) - 1)])
    made = run.forecasts[run.forecasts["horizon"] == horizon]
    counts = made["asset"].astype(str).value_counts()
    names = [a["name"] for a in run.run.get("assets", []) if counts.get(a["name"], 0)]
    yield f"<h2>Sensors and forecasts</h2><p>Made {horizon} ticks ahead, before the truth was known.</p>"
    for number_, name in enumerate(names):
        opened = " open" if number_ < 2 else ""
        figure = figures.sensors(run, horizon, name)
        yield f"<details{opened}><summary>{escape(name)}</summary><figure>{figure}</figure></details>"


def _decisions(run: Run) -> Iterator[str]:
    if run.decisions.empty:
        return
    last = run.decisions.tail(60)
    cells = zip(last["time"], last["actuator"], last["value"], last["reason"], strict=True)
    rows = [
        f"<tr><td>day {time / figures.DAY:.2f}</td><td>{escape(str(actuator))}</td><td>{number(value)}</td>"
        f'<td class="words">{escape(str(reason))}</td></tr>'
        for time, actuator, value, reason in cells
    ]
    head = "<tr><th>when</th><th>actuator</th><th>value</th><th>reason</th></tr>"
    summary = f"the last {len(last)} of {len(run.decisions)} decisions"
    yield f'<details class="scroll"><summary>{summary}</summary><table>{head}{"".join(rows)}</table></details>'


def _forecast_table(scores: Mapping[str, float]) -> Iterator[str]:
    names = [name.removeprefix("mae.") for name in scores if name.startswith("mae.")]
    kinds = ("mae", "mase", "crps", "coverage90", "width90", "skill_persistence", "skill_ewma")
    if names:
        yield "<h2>Forecast scores, last third</h2>" + _matrix("target, horizon", kinds, names, scores)


def _failure_table(scores: Mapping[str, float]) -> Iterator[str]:
    names = [name.removeprefix("brier.") for name in scores if name.startswith("brier.")]
    kinds = (
        "brier", "brier_skill", "average_precision", "accuracy", "precision", "recall", "f1", "observed_expected",
    )  # fmt: skip
    if names:
        note = "<p>Alarm where the forecast probability is at least 0.5. Maintained lives are weighted for, never counted.</p>"
        yield "<h2>Failure scores, last third</h2>" + note + _matrix("failure within", kinds, names, scores)
        life = [(n, scores[n]) for n in ("rul_rmse", "rul_phm08") if n in scores]
        if life:
            yield _pairs(life)


def _matrix(corner: str, kinds: tuple[str, ...], names: list[str], scores: Mapping[str, float]) -> str:
    head = "".join(f"<th>{escape(kind.replace('_', ' '))}</th>" for kind in kinds)
    rows = "".join(
        f"<tr><td>{escape(name.replace('.h', ', '))} ticks</td>"
        + "".join(f"<td>{number(scores.get(f'{kind}.{name}', float('nan')))}</td>" for kind in kinds)
        + "</tr>"
        for name in names
    )
    return f'<div class="scroll"><table><tr><th>{escape(corner)}</th>{head}</tr>{rows}</table></div>'


def _pairs(rows: list[tuple[str, float]]) -> str:
    cells = "".join(f"<tr><td>{escape(n.replace('_', ' '))}</td><td>{number(v)}</td></tr>" for n, v in rows)
    return f'<div class="scroll"><table>{cells}</table></div>'
