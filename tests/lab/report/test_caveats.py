"""What stands beside figures that would mislead alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.lab.runs import make_run
from twin.lab.core.scores import scores
from twin.lab.record.loading import Run, load
from twin.lab.report import calibration_section, caveats, decision_section
from twin.lab.report.closing_table import print_failures, print_forecasts, print_run
from twin.lab.report.report import report

CALM = {
    "oee": 0.95,
    "performance": 1.003,
    "maintenance_corrective": 0.0,
    "busy_hours": 180.0,
    "starved_hours": 8.0,
    "blocked_hours": 4.0,
    "mtbf_hours": float("nan"),
    "mttr_hours": float("nan"),
    "decisions": 0.0,
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return load(make_run(tmp_path / "run"))


def test_without_a_failure_the_time_without_one_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_run(tmp_path, CALM, {})
    lines = capsys.readouterr().out.splitlines()
    assert next(line.split(maxsplit=1)[1].strip() for line in lines if "mtbf" in line) == "no failure in 192 h"
    assert next(line.split()[1] for line in lines if "mttr" in line) == "-"
    assert caveats.cell("mtbf_hours", CALM | {"maintenance_corrective": 2.0, "mtbf_hours": 96.0}) == "96"


def test_what_misleads_is_told_in_the_terminal_and_on_the_page(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    print_run(run.path, CALM, {})
    told = " ".join(capsys.readouterr().out.split())
    run.kpis.clear()
    run.kpis.update(CALM)
    page = report(run, scores(run))
    for said in ("performance is above 1", "The policy sent no command", "no failure in 192 h"):
        assert said in told
        assert said in page


def test_figures_that_mislead_nobody_have_no_remark() -> None:
    usual = {"performance": 0.7, "decisions": 3.0, "maintenance_corrective": 40.0, "mtbf_hours": 90.0}
    assert caveats.about_figures(usual) == caveats.about_figures({}) == []
    (few,) = caveats.about_figures(usual | {"maintenance_corrective": 2.0})
    assert few == "MTBF and MTTR are those of 2 failures: too few to judge by."


FORECAST = {
    **{f"{kind}.heat.h36": 1.5 for kind in ("mae", "crps")},
    "skill_persistence.heat.h36": -1.816,
    "skill_ewma.heat.h36": float("nan"),
    "coverage90.heat.h36": 0.073,
    "labels.heat.h36": 96.0,
    "independent.heat.h36": 8.0,
}


def test_a_coverage_of_few_labels_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_forecasts(Console(width=110), FORECAST)
    told = capsys.readouterr().out
    assert "heat, 36 ticks 1.5    -181.6 %          -    7.3 %  1.5     96    8 few" in told
    assert caveats.SKILL in told
    print_forecasts(Console(width=110), FORECAST | {"independent.heat.h36": 30.0})
    assert "30 few" not in capsys.readouterr().out


def test_no_failure_has_no_precision(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = {f"{kind}.h6": float("nan") for kind in ("precision", "recall", "f1", "average_precision")}
    print_failures(Console(width=110), {"brier.h6": 0.001, "failures_seen.h6": 0.0, "brier_skill.h6": 0.25, **nothing})
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("6 ticks"))
    assert row.split() == ["6", "ticks", "0", "few", "0.001", "+25.0", "%", "-", "-", "-", "-", "-"]


def test_tables_fit_eighty_columns_with_every_figure_whole(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(width=80)
    print_forecasts(console, scores(run))
    print_failures(console, scores(run))
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    assert "…" not in told


def test_the_page_says_how_many_orders_it_leaves_out(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", ticks=142 * 30, tables=("decisions", "kpis")))
    page = "".join(decision_section.section(run, {}))
    assert "The last 8 of 142 work orders, latest first" in page
    assert "62 earlier ones of 142 left out here" in page
    short = load(make_run(tmp_path / "short", ticks=80 * 30, tables=("decisions", "kpis")))
    assert "left out here" not in "".join(decision_section.section(short, {}))


def test_page_and_terminal_write_a_skill_alike(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    figures = scores(run)
    print_forecasts(Console(width=110), figures)
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("vibration, 6 ticks"))
    page = report(run, figures)
    for shown in (
        f"{100 * figures['skill_ewma.vibration.h6']:+.1f} %",
        f"{100 * figures['coverage90.vibration.h6']:.1f} %",
    ):
        assert shown in row
        assert shown in page
    assert np.isclose(figures["labels.vibration.h6"], 290.0, atol=4)


def test_a_run_that_ended_early_is_not_said_to_show_its_last_third(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", ticks=60, horizon=432 * 600.0, status="interrupted"))
    page = "".join(calibration_section.section(run, {}))
    assert "Forecasts of all that was recorded, as the run ended before its last third." in page


def test_curves_of_few_labels_and_of_few_failures_say_so(run: Run, tmp_path: Path) -> None:
    short = load(make_run(tmp_path / "short", ticks=30))
    page = "".join(calibration_section.section(short, {"failures_seen.h6": 1.0}))
    assert "6 ticks ahead, few labels" in page
    assert "Share that failed within 6 ticks (1 failure)" in page
    assert "few labels" not in "".join(calibration_section.section(run, {}))
