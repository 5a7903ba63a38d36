"""Options of a table as they are typed on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Tandem
from twin.lab.replay.reading.typed_options import table_options


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("zone=Europe/Berlin", "table.zone='Europe/Berlin'"),
        ("table.time=Time (s)", "table.time='Time (s)'"),
        ("signals=[Torque [Nm], \"a,b\", 'c']", "table.signals=['Torque [Nm]','a,b','c']"),
        ("decimal=,", "table.decimal=','"),
        ("tick=60", "table.tick=60"),
        ("zone=null", "table.zone=null"),
        ("time='a b'", "table.time='a b'"),
        ("data=x.csv", "data=x.csv"),
        ("twin.window.grace=0", "twin.window.grace=0"),
    ],
)
def test_names_are_quoted_for_hydra(typed: str, meant: str) -> None:
    assert table_options([typed]) == [meant]


def test_the_job_prints_what_was_understood_and_keeps_names_as_text(tandem: Tandem, tmp_path: Path) -> None:
    lines = [f"{1 + i // 24:02d}.03.2024 {i % 24:02d}:00;{i % 7},5;Bad" for i in range(72)]
    (tmp_path / "x.csv").write_text("Zeit;[bold]P[/bold] [kW], total;y\n" + "\n".join(lines) + "\n")
    done = tandem(
        "replay", "dataset=csv", "data=x.csv", "surrogate=ewma", "json=rows.json", "twin.horizons=[1]",
        "missing=allow", "zone=Europe/Berlin", "signals=[\"[bold]P[/bold] [kW], total\"]",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "decimal comma" in done.stderr
    assert "zone Europe/Berlin" in done.stderr
    assert "[bold]P[/bold] [kW], total" in done.stderr
    metrics = {row["metric"] for row in json.loads((tmp_path / "rows.json").read_text())}
    assert "mae.[bold]P[/bold] [kW], total.h1" in metrics
