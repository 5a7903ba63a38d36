"""The linear programme replayed in a plant, and what policies reach of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from sim.plants.microgrid import Microgrid
from tests.sim.line import lines
from tests.sim.power.grids import bare, hours, load
from tests.sim.power.test_records import citylearn
from twin.lab.core.privileged.dispatch import lp_rows, policy_rows, privileged_plan, run_policy
from twin.lab.core.privileged.mpc import PrivilegedMPC, wished
from twin.lab.errors import UserError
from twin.lab.validate.cases.citylearn import HOURS, PUBLISHED, Year
from twin.policies.maintenance.predictive import Predictive
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.policies.storage.mpc import MPC
from twin.policies.storage.net_load import DayPersistence
from twin.policies.storage.self_consumption import SelfConsumption
from twin.policies.storage.time_of_use import TimeOfUse
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

CITYLEARN = Path(__file__).parents[4] / "shared" / "data" / "citylearn_2022"


def reference() -> Microgrid:
    return load("microgrid_reference", seed=2)


def test_the_plan_costs_the_same_in_the_plant() -> None:
    (row,) = lp_rows(reference, case="lp", ticks=24 * 60)
    assert row["mean"] == pytest.approx(row["reference"], rel=1e-9)
    assert row["reference"] > 100


def test_perfect_forecasts_reach_nearly_all_of_the_saving_and_persistence_some() -> None:
    policies = {"self-consumption": SelfConsumption, "mpc": MPC, "privileged mpc": PrivilegedMPC}
    rows = {row["policy"]: row for row in policy_rows(reference, policies, case="lp", ticks=24 * 12)}
    assert rows["self-consumption"]["share_of_saving"] == 0.0
    assert rows["privileged mpc"]["share_of_saving"] >= 0.98
    assert 0.2 < rows["mpc"]["share_of_saving"] < 1.0
    assert rows["privileged LP"]["share_of_saving"] == 1.0


def test_no_policy_beats_the_programme(tmp_path: Path) -> None:
    folder = citylearn(tmp_path, hours=24 * 7)
    policies = {"none": RunToFailure, "clock": TimeOfUse, "mpc": MPC}
    rows = policy_rows(
        lambda: load("microgrid_reference", inputs={"citylearn": str(folder)}), policies, case="x", ticks=24 * 7
    )
    best = rows[-1]["cost"]
    assert all(row["cost"] >= best - 1e-9 for row in rows)


def test_the_scout_tells_what_comes() -> None:
    plant = load(wear=False, seed=5, grid={})
    told = wished(plant.fork(), 24)
    before = plant.truth()["net_energy"]
    hours(plant, 10)
    assert told[:10].sum() == pytest.approx(plant.truth()["net_energy"] - before)


def _seen() -> Window:
    plant = reference()
    window = Window(spec=plant.spec, cleaner=Cleaner(spec=plant.spec))
    for message in plant.advance(3600.0):
        window.add(message)
    window.close(3600.0)
    return window


def test_a_privileged_policy_needs_the_lab_and_others_need_a_twin() -> None:
    with pytest.raises(ValueError, match="has no plant to send ahead"):
        PrivilegedMPC(spec=reference().spec).act(_seen(), None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="does not tell what its loads want"):
        wished(lines.load("line_small"), 2)
    with pytest.raises(UserError, match="surrogate = none: policy Predictive asks for forecasts"):
        run_policy(reference(), Predictive, 2)
    with pytest.raises(ValueError, match="no asset of type battery"):
        privileged_plan(bare(), 3)


@pytest.mark.slow
@pytest.mark.skipif(not CITYLEARN.is_dir(), reason="needs the CityLearn 2022 data in ../shared/data")
def test_the_pooled_citylearn_case() -> None:
    """Five buildings, 32 kWh, 25 kW: published with the data's rules, and by an independent simulator, within 1 %."""
    cost = dict(Year(str(CITYLEARN))(0))
    assert cost == pytest.approx(PUBLISHED, rel=0.01)
    plant = load("microgrid_reference", inputs={"citylearn": str(CITYLEARN)})
    cost["mpc"] = run_policy(plant, partial(MPC, forecast=DayPersistence), HOURS)
    assert cost["mpc"] < cost["privileged_mpc, known=1"]
    print(cost)  # pytest -s shows them
