"""What stands first on the page: the verdict, the bottleneck, what comes next; nothing where a run tells neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lab.runs import make_run
from twin.lab.record.loading import Run, load
from twin.lab.report.report import report
from twin.lab.report.verdict_section import outlook, verdict

VERDICT = {
    "sense": 1,
    "unit": "EUR/h",
    "twin": 173.1,
    "practice": {"name": "age_based", "value": 160.4},
    "difference": 12.7,
    "reference": {"name": "privileged <one>", "value": 210.0},
    "ideal": None,
    "words": ["The twin earned 173.1 EUR/h.", "One seed is one seed."],
    "command": "tandem compare from=. seeds=30",
}
GAIN = {"value": 6.4, "low": 3.94, "high": 8.86, "unit": "EUR/h", "by": 0.1, "pairs": 12, "days": 1.2}
LIMIT = {"name": "milling", "assets": ["mill_1", "mill_2"], "share": 0.9, "of": "the time", "parts": {}}
OUTLOOK = {
    "bottleneck": LIMIT | {"words": ["Bottleneck: milling, with 90 %.", "10 % more speed is worth +6.4 EUR/h."]},
    "candidates": [LIMIT | {"relief": GAIN}, LIMIT | {"name": "turning", "share": 0.8}],
    "next": [{"asset": "saw", "words": "saw, 36 % of the way"}, {"asset": "lathe", "words": "lathe, 3 % of the way"}],
}


def told(tmp_path: Path, name: str, content: Any) -> Run:
    run = load(make_run(tmp_path / "run", ticks=20))
    (run.path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return run


def test_the_verdict_is_the_first_thing_below_the_name(tmp_path: Path) -> None:
    page = report(told(tmp_path, "verdict.json", VERDICT), {})
    assert (
        page.index("<h1>")
        < page.index("The twin earned 173.1 EUR/h.")
        < page.index('class="cards"')
        < page.index("<nav")
    )
    assert "privileged &lt;one&gt;" in page
    assert "tandem compare from=. seeds=30" in page
    assert str(tmp_path) not in page, "a run that is repeated elsewhere has the same page"


@pytest.mark.parametrize(
    ("changes", "tone"),
    [
        ({}, "won"),
        ({"sense": -1}, "lost"),
        ({"difference": -3.0}, "lost"),
        ({"difference": 0}, "even"),
        ({"half_width": 15.0}, "even"),
    ],
)
def test_a_twin_that_loses_is_seen_to_lose(tmp_path: Path, changes: dict[str, Any], tone: str) -> None:
    assert f'class="verdict {tone}"' in verdict(told(tmp_path, "verdict.json", VERDICT | changes))


@pytest.mark.parametrize("content", ["", "{", "[]", {}, {"words": []}, {"words": ["x"], "practice": 3, "twin": None}])
def test_a_run_without_a_verdict_or_with_a_damaged_one_gets_its_page(tmp_path: Path, content: Any) -> None:
    run = told(tmp_path, "verdict.json", content)
    assert ("x" in verdict(run)) == (content == {"words": ["x"], "practice": 3, "twin": None})
    assert "scale" not in verdict(run)
    assert ">The plant</h2>" in report(run, {})


def test_bottleneck_relief_and_next_action_are_told_with_what_else_was_tried(tmp_path: Path) -> None:
    page = outlook(told(tmp_path, "outlook.json", OUTLOOK))
    for said in (
        "Bottleneck: milling",
        "is worth +6.4",
        "+6.4 (+3.9 … +8.9) EUR/h",
        "Next: saw",
        "lathe, 3 % of the way",
    ):
        assert said in page


def test_a_run_that_tells_neither_has_no_box(tmp_path: Path) -> None:
    nothing = {"bottleneck": None, "candidates": [], "next": [], "words": []}
    assert outlook(told(tmp_path, "outlook.json", nothing)) == ""
    given = [{"asset": "grid", "words": "grid.cap on day 3.00: peak", "given": True}]
    assert "Commands given last" in outlook(told(tmp_path / "b", "outlook.json", nothing | {"next": given}))
