"""The reference of a site and the bound that no policy goes below; its rules by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from sim.plants.microgrid import Microgrid
from tests.sim.power.grids import bare, load
from twin.lab.core.privileged.bound import lower_bound
from twin.lab.core.privileged.dispatch import run_policy
from twin.lab.core.privileged.foresight import Foresight, foresee
from twin.lab.core.privileged.renewal_rule import WearLaw
from twin.lab.core.privileged.site import PrivilegedSite, waiting_time
from twin.lab.core.privileged.site_model import SiteModel
from twin.lab.core.privileged.site_programme import SiteTask, part, solve
from twin.lab.core.privileged.upkeep import SiteUpkeep, dirt_costs
from twin.policies.storage.mpc import MPC
from twin.policies.storage.site import Storage
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

DAY, HOUR = 86_400.0, 3600.0
CLOCK = {"times": [0.0, 43_200.0], "values": [0.1, 0.5], "repeat": DAY}


def house(**changes: object) -> Microgrid:
    """10 kW day and night, dear afternoons, cells of 100 kWh."""
    battery = {"capacity": 100.0, "power": 50.0, "efficiency": 1.0, "initial": 0.0}
    return bare(**{"tariff": CLOCK, "battery": battery, "grid": {"peak_period": 2.0}, **changes})


def task(**changes: object) -> SiteTask:
    """Four hours: 10 kW, jobs of 6 kWh in the first hour that may wait for two, dear at first."""
    plain = {"net": np.full(4, 10.0), "wanted": np.full(4, 16.0), "price": np.array([0.5, 0.5, 0.1, 0.1])}
    series = {"export_price": np.zeros(4), "connected": np.ones(4), "floor": np.zeros(4), "generator": np.zeros(4)}
    jobs = {"arrivals": np.array([6.0, 0, 0, 0]), "most_waiting": np.array([6.0, 6.0, 0, 0])}
    rest = {
        "hours": 1.0,
        "unserved_price": 6.0,
        "period": np.zeros(4, dtype=np.int64),
        "storage": Storage(0.0, 0.0, 1.0),
        "stored": 0.0,
    }
    return SiteTask(**{**plain, **series, **jobs, **rest, **changes})  # type: ignore[arg-type]


def _window(plant: Microgrid) -> Window:
    return Window(spec=plant.spec, cleaner=Cleaner(spec=plant.spec))


def test_jobs_wait_for_the_cheap_hour_unless_a_peak_costs_more() -> None:
    plan = solve(task())
    assert plan.cost == pytest.approx(20 * 0.5 + 26 * 0.1)
    assert plan.flows["drawn"] == pytest.approx([0, 0, 6, 0])
    dear = solve(task(peak_price=6.0))
    assert dear.peaks == pytest.approx([12.0])  # 6 kWh over three hours at least: 2 kW more than the rest
    assert solve(task(peak_price=6.0, peak=16.0)).flows["drawn"] == pytest.approx([0, 0, 6, 0])


def test_an_outage_is_met_from_the_generator_or_not_at_all() -> None:
    out = {"connected": np.array([1.0, 0, 1, 1]), "most_waiting": np.zeros(4)}
    assert solve(task(**out)).flows["unserved"] == pytest.approx([0, 10, 0, 0])
    helped = solve(task(**out, generator=np.full(4, 7.0), fuel_price=1.0))
    assert helped.flows["unserved"] == pytest.approx([0, 3, 0, 0])
    later = part(task(**out), 2, 2)
    assert len(later.net) == 2
    assert solve(later).cost == pytest.approx(2.0)


def test_the_bound_is_reached_where_nothing_is_hidden_and_never_passed() -> None:
    """100 kWh are bought cheap each noon for the ten dear hours that they last."""
    bound = lower_bound(house(wear=False), 48)
    assert bound == pytest.approx(2 * (120 * 0.1 + 100 * 0.1 + 20 * 0.5))
    assert bound - 1e-6 <= run_policy(house(wear=False), PrivilegedSite, 48) < 1.06 * bound


def test_with_everything_on_the_reference_lies_between_the_bound_and_the_baseline() -> None:
    site = {"seed": 3, "weather": {"first_day": 150}, "grid": {"peak_charge": 6.0, "peak_period": 2.0}}
    bound = lower_bound(load(**site, wear=False), 48)
    assert bound < run_policy(load(**site), PrivilegedSite, 48) < run_policy(load(**site), MPC, 48)


def test_a_fork_tells_loads_outages_and_dirt() -> None:
    plant = load(seed=5)
    ahead = foresee(plant.fork(), 24 * 8)
    plant.advance(8 * DAY)
    truth = plant.truth()
    assert sum(series.sum() for series in ahead.wanted.values()) == pytest.approx(sum(truth["wanted"].values()))
    assert ((1 - ahead.connected) * HOUR).sum() == pytest.approx(truth["outage_seconds"])
    assert ahead.net.sum() == pytest.approx(truth["net_energy"])
    assert ahead.soiling["panels"][-1] == truth["soiling"]["panels"]
    with pytest.raises(ValueError, match="truth has no wanted, net_energy, outage_seconds"):
        foresee(_Silent(), 1)  # type: ignore[arg-type]


class _Silent:
    """A plant that tells nothing."""

    now, spec = 0.0, load(seed=5).spec

    def truth(self) -> dict[str, int]:
        return {"events_processed": 0}


def test_most_that_may_wait_is_what_would_have_been_drawn_within_the_slack() -> None:
    model = SiteModel.of(load(seed=5).spec)
    most = model.most_waiting("charging", np.array([11.0, 0, 0, 0, 0, 0, 0, 0, 0, 4.0]))
    assert most == pytest.approx([11] * 8 + [0, 4])


def test_the_wait_that_leaves_as_much_waiting_as_planned() -> None:
    drawn = np.array([0.0, 11.0, 0.0, 0.0, 6.0])
    assert waiting_time(drawn, 0.0, HOUR) == 0.0
    assert waiting_time(drawn, 3.0, HOUR) == pytest.approx(0.5 * HOUR)
    assert waiting_time(drawn, 6.0, HOUR) == pytest.approx(2.0 * HOUR)  # middle of the hours in which none came
    assert waiting_time(drawn, 17.0, HOUR) == np.inf


def test_the_marginal_rule_costs_as_little_as_the_best_limit() -> None:
    """A known rate: wear is age, so that the best limit is the optimal age of a normal life."""
    law = WearLaw(level_sd=0.25, rate_cv=0.0, pace=1.0, preventive=1.0, corrective=6.0)
    limits = np.linspace(0.2, 2.0, 1801)
    survival = ndtr((1.0 - limits) / 0.25)
    lived = 0.2 + np.concatenate([[0.0], np.cumsum((survival[1:] + survival[:-1]) / 2 * np.diff(limits))])
    cost = (survival + 6.0 * (1 - survival)) / lived
    assert law.cost_rate() == pytest.approx(cost.min(), rel=2e-3)
    assert law.limit(1.0, law.cost_rate()) == pytest.approx(limits[np.argmin(cost)], abs=0.01)
    assert law.limit(2.0, law.cost_rate()) < law.limit(1.0, law.cost_rate()) < law.limit(0.5, law.cost_rate())


def test_a_renewal_that_costs_no_less_than_a_failure_is_never_ordered() -> None:
    law = WearLaw(level_sd=0.1, rate_cv=0.4, pace=1e-6, preventive=5.0, corrective=5.0)
    assert law.cost_rate() == 0.0
    assert law.limit(1.0, 1.0) == np.inf


def test_dirt_costs_until_rain_has_washed_it_off() -> None:
    """10 % of the light, 90 kW through it at .2 a kWh, for two hours; then rain leaves three tenths, then nothing."""
    ahead = np.array([0.1, 0.1, 0.03, 0.0])
    costs = dirt_costs(0.1, ahead, 100.0 * (1 - ahead), np.full(4, 0.2))
    assert costs == pytest.approx([2.0, 2.0, 0.6, 0.0])


def cleanings(price: float, rain_after: int) -> int:
    """Orders in 48 hours of dirt that takes 10 % of 90 kW at .2 EUR/kWh, 2 EUR an hour, rain coming after so many."""
    plant = house(panels={"rated": 100.0, "upkeep": {"preventive_cost": price}})
    upkeep, window = SiteUpkeep(spec=plant.spec, capacity_value=0.0, retry=12), _window(plant)
    ahead = Foresight(
        0.0, {}, np.full(96, 90.0), np.ones(96), {"panels": np.where(np.arange(96) < rain_after, 0.1, 0.0)}
    )
    given, orders = {"soiling": {"panels": 0.1}, "health": {}, "events_processed": 0}, 0
    for now in range(48):
        rest = ahead.since(now, 96)
        orders += len(upkeep.act(window, given, rest, np.full(len(rest), 0.2), np.zeros(len(rest))))  # type: ignore[arg-type]
    return orders


def test_panels_are_cleaned_exactly_when_that_pays() -> None:
    """At 20 EUR: dirt has cost 20 after ten hours; by then it must be going to cost 20 again before the rain."""
    assert cleanings(price=20.0, rain_after=90) > 0
    assert cleanings(price=20.0, rain_after=21) > 0
    assert cleanings(price=20.0, rain_after=18) == 0
    assert cleanings(price=200.0, rain_after=90) == 0
    assert cleanings(price=0.0, rain_after=0) == 0


def test_it_goes_on_from_its_state() -> None:
    """Between two looks ahead it decides from what it saved, as a resumed run must."""
    plant = load(seed=4, grid={"peak_charge": 6.0, "peak_period": 2.0})
    first, second = (PrivilegedSite(spec=plant.spec) for _ in range(2))
    window = _window(plant)
    for policy in (first, second):
        policy.connect(plant.truth)
        policy.foresee(plant.fork)
    for tick in range(1, 6):
        for message in plant.advance(tick * HOUR):
            window.add(message)
        window.close(tick * HOUR)
        told = [(action.actuator, action.value) for action in first.act(window, None)]  # type: ignore[arg-type]
    second.load(first.state())
    assert told
    assert [(a.actuator, a.value) for a in second.act(window, None)] == told  # type: ignore[arg-type]


def test_it_needs_the_lab_and_a_horizon() -> None:
    plant = house()
    with pytest.raises(ValueError, match="only the lab can show it"):
        PrivilegedSite(spec=plant.spec).act(_window(plant), None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="horizon = 0, renew = 48: must be >= 1 tick"):
        PrivilegedSite(spec=plant.spec, horizon=0)
