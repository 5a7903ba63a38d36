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
    hazard_section,
    plant_section,
    power_section,
    queue_section,
    score_section,
    sensor_section,
)
from twin.lab.report.figure_section import key_figures, network_figures
from twin.lab.report.overview import first_cards, status

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
    return page.page(title, f"<h1>{escape(title)}</h1>\n{status(run)}\n{first_cards(run)}\n{page.sections(parts)}")


def _configuration(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    versions = ", ".join(f"{name} {version}" for name, version in sorted((run.run.get("versions") or {}).items()))
    yield text(f"{run.run.get('threads')} thread(s); {versions}" if versions else "")
    config = yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True)
    yield folded("config.yaml", f"<pre>{escape(config)}</pre>")


SECTIONS: Mapping[str, Callable[[Run, Scores], Iterator[str]]] = {
    "The plant": plant_section.section,
    "Dispatch": power_section.section,
    "Queues": queue_section.section,
    "Sensors and forecasts": sensor_section.section,
    "Residual alarms": alarm_section.section,
    "Hazards and decisions": hazard_section.section,
    "Learning": calibration_section.learning_section,
    "Calibration": calibration_section.section,
    "Scores": score_section.section,
    "Key figures": key_figures,
    "Network": network_figures,
    "Configuration": _configuration,
}
