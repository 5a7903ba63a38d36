"""The top of the page: how the run ended, and cards of its first figures."""

from __future__ import annotations

from html import escape
from pathlib import PurePath

from twin.lab.draw import page
from twin.lab.draw.page import text
from twin.lab.draw.words import number
from twin.lab.record.loading import Run, deadlocks
from twin.lab.record.run_directory import busy
from twin.lab.report import figures
from twin.lab.report.batch_means import batches
from twin.lab.report.closing_table import cards
from twin.lab.report.forecast_bands import lasting


def plant_name(run: Run) -> str:
    """The name of the plant's file; the scenario's where there is none, the run's directory for neither."""
    facts = run.run
    plant, scenario = str((facts.get("choices") or {}).get("plant") or ""), str(facts.get("scenario") or "")
    return PurePath(plant).name.removesuffix(".yaml") or scenario or run.path.name


def status(run: Run) -> str:
    facts = run.run
    days = float(facts.get("sim_s") or run.kpi_history["time"].max() or 0.0) / figures.DAY
    kind = "recorded" if "recording" in facts else "simulated"
    words = [f"{key} {facts[key]}" for key in ("scenario", "policy", "surrogate") if facts.get(key)]
    words += [f"{days:.4g} {kind} day{'s' * (days != 1)}" if days == days else "nothing recorded"]
    words += [f"seed {facts['seed']}"] if "seed" in facts else []
    words += [str(facts["device"])] if "device" in facts else []
    status, error = str(facts.get("status", "unknown")), str(facts.get("error") or "")
    status = "killed" if status == "running" and not busy(run.path) else status
    reason = {"running": "not finished yet", "killed": "not finished: its process was ended from outside"}.get(
        status, error
    )
    warnings = [] if status == "finished" else [": ".join(filter(None, (status, reason)))]
    warn = "".join(f'<p class="warn" role="alert">{escape(line)}</p>' for line in (*warnings, *deadlocks(run.events)))
    return f'<p class="about">{escape(", ".join(words))}</p>{warn}'


def first_cards(run: Run) -> str:
    """Figures to begin with, each with its interval where the run is long enough for one."""
    shown, days = [], 0.0
    for name, label, value in cards(_in_order(run)):
        parts = batches(run.kpi_history, name)
        note, course = "", ()
        if parts is not None:
            mean, half = parts.written()
            note, days = f"{mean} ± {half} a day" if parts.daily else f"± {half}", parts.days
            course = tuple(parts.values.tolist())
        shown.append(page.FigureCard(label, number(value), note, course))
    about = (
        f"±: 95 % Student interval of the mean of ten equal parts of the run ({lasting(24 * days)} each), taken as "
        "independent, the warm-up among them; the curve shows the parts. It tells of this run; several seeds tell more."
    )
    return page.cards(shown) + (text(about) if days else "")


def _in_order(run: Run) -> dict[str, float]:
    """The key figures as the plant tells them, the objective's first."""
    history = run.kpi_history
    names = [str(name) for name in history[history["asset"] == ""]["name"].unique()]
    first = (run.run.get("objective") or {}).get("figure")
    return {name: run.kpis[name] for name in dict.fromkeys([first, *names, *run.kpis]) if name in run.kpis}
