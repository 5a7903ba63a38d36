"""The case of `tandem validate` on recorded buildings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sim.power.test_records import citylearn as recorded
from twin.lab.validate.cases import CASES
from twin.lab.validate.cases.citylearn import PUBLISHED, Year
from twin.lab.validate.parameters import read


def test_the_case_asks_for_its_data_and_only_then(tmp_path: Path) -> None:
    case = CASES["citylearn"]
    assert not case.ready()
    with pytest.raises(ValueError, match="data = : must be a folder that holds"):
        case.examples_checks(None, first=False)
    with pytest.raises(ValueError, match="nowhere: must be a folder"):
        read("citylearn", case.parameters, {"data": str(tmp_path / "nowhere")})


def test_its_plants_are_the_recorded_buildings(tmp_path: Path) -> None:
    folder = recorded(tmp_path, hours=48)
    (check,) = CASES["citylearn"].checks({"data": str(folder)}, None)
    assert [target.figure for target in check.targets] == list(PUBLISHED)
    assert all(target.tolerance == 0.01 for target in check.targets)
    with_battery, without = Year(str(folder)).plant("self_consumption"), Year(str(folder)).plant("no battery")
    kinds = [{asset.type for asset in plant.spec.assets} for plant in (with_battery, without)]
    assert "battery" in kinds[0]
    assert "battery" not in kinds[1]
