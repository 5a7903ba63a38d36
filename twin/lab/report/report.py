"""report.html: one self-contained page about a run, readable on a phone, on light ground and on dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path

import yaml

from twin.lab.core.scores import scores as score
from twin.lab.draw import page
from twin.lab.draw.page import folded, text
from twin.lab.record.loading import Run, load
from twin.lab.record.run_directory import write_atomically
from twin.lab.report import (
    alarm_section,
    calibration_section,
    decision_section,
    hazard_section,
    plant_section,
    power_section,
    queue_section,
    score_section,
    sensor_section,
    setpoint_section,
)
from twin.lab.report.figure_section import key_figures, network_figures
from twin.lab.report.overview import first_cards, plant_name, status
from twin.lab.report.verdict_section import outlook, verdict

Scores = Mapping[str, float]
Section = Callable[[Run, Scores], Iterator[str]]


def write_report(run: Run | str | Path, scores: Scores | None = None) -> Path:
    """Write the page into the run's directory and return its path. Works on a run that was cut short.

    The same tables give the same bytes. Raises as `load` does where a directory is given that is not a run.
    """
    run = run if isinstance(run, Run) else load(run)
    path = run.path / "report.html"
    write_atomically(path, report(run, score(run) if scores is None else scores))
    return path


def report(run: Run, scores: Scores) -> str:
    """The whole page: the verdict and what comes next, then each section that the run has rows for, behind links."""
    name = plant_name(run)
    words = [name, *(str(run.run[key]) for key in ("policy", "surrogate") if key in run.run)]
    head = f"<h1>{escape(name)}</h1>\n{status(run)}\n{verdict(run)}\n{outlook(run)}\n{first_cards(run)}"
    parts = [(title, body) for title, make in SECTIONS.items() if (body := "\n".join(make(run, scores)))]
    return page.page(" / ".join(words), f"{head}\n{page.sections(parts)}")


def _folded(what: str, make: Section) -> Section:
    """A section that is a wall of numbers: behind a line that opens it."""

    def section(run: Run, scores: Scores) -> Iterator[str]:
        if body := "\n".join(make(run, scores)):
            yield folded(what, body)

    return section


def _configuration(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in sorted((run.run.get("versions") or {}).items()))
    yield text(f"{run.run.get('threads')} thread(s); {versions}" if versions else "")
    config = yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True)
    yield folded("config.yaml", f"<pre>{escape(config)}</pre>")


SECTIONS: Mapping[str, Section] = {
    "The plant": plant_section.section,
    "Dispatch": power_section.section,
    "Queues": queue_section.section,
    "Setpoints": setpoint_section.section,
    "Decisions": decision_section.section,
    "Sensors and forecasts": sensor_section.section,
    "Hazards": hazard_section.section,
    "Residual alarms": alarm_section.section,
    "Learning": calibration_section.learning_section,
    "Calibration": calibration_section.section,
    "Scores": _folded("Forecasts, failures and remaining life", score_section.section),
    "Key figures": _folded("All figures of the plant", key_figures),
    "Network": _folded("Messages, readings and commands", network_figures),
    "Configuration": _configuration,
}
