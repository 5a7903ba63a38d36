"""What makes two runs the same run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ROOT
from twin.lab.configure.choices import choices
from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import configurations, resolved, written
from twin.lab.record import identity as module
from twin.lab.record.identity import fingerprint, identity, sources
from twin.lab.record.saved_run import parsed


def of(*overrides: str) -> str:
    return identity(configurations([overrides])[0])


@pytest.mark.parametrize(
    "override", ["out=here", "json=rows.json", "report=false", "checkpoint=null", "part=3600", "policy=predictive"]
)
def test_what_cannot_change_a_result_makes_no_other_run(override: str) -> None:
    assert of(override) == of()


@pytest.mark.parametrize(
    "override",
    ["seed=1", "days=3", "threads=2", "policy=age_based", "network=lossy", "plant.technicians=1", "quick=true"],
)
def test_what_can_makes_another(override: str) -> None:
    assert of(override) != of()


def test_quick_is_a_number_of_days() -> None:
    assert of("quick=true") == of("days=1") == of("quick=true", "days=5")


@pytest.mark.parametrize("scenario", choices("scenario"))
def test_a_run_is_known_by_its_config_yaml(scenario: str) -> None:
    plain: dict[str, Any] = resolved(compose("run", [f"scenario={scenario}"]))
    assert identity(parsed(written(plain))) == identity(plain)
    assert len(identity(plain)) == 12


def test_the_code_is_all_that_figures_depend_on() -> None:
    names = {file.relative_to(ROOT).as_posix() for file in sources()}
    needed = (
        "sim/engine/kernel.py",
        "sim/plants/microgrid.py",
        "sim/power/battery.py",
        "sim/road/link.py",
        "twin/twin.py",
        "twin/policies/maintenance/predictive.py",
        "twin/surrogates/gradient/surrogate.py",
        "twin/lab/core/loop.py",
        "twin/lab/core/privileged/threshold.py",
        "twin/lab/core/privileged/mpc.py",
        "twin/lab/core/scores.py",
        "twin/lab/record/recorder.py",
    )
    assert not [name for name in needed if name not in names]
    assert not [name for name in names if "lab/report" in name or "/jobs/" in name or "compare" in name]


def test_another_file_or_another_text_is_another_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    seen = set()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for name, text in (("sim/a.py", "1"), ("sim/a.py", "2"), ("sim/power/a.py", "2"), ("twin/b.py", "2")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        fingerprint.cache_clear()
        seen.add(fingerprint())
    (tmp_path / "twin/lab").mkdir()
    (tmp_path / "twin/lab/report.py").write_text("a page")
    fingerprint.cache_clear()
    seen.add(fingerprint())
    fingerprint.cache_clear()
    assert len(seen) == 4
