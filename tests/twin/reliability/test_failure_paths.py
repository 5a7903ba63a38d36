"""Failure as the end of a path: known laws are found and their chances come true; elsewhere nothing is said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.contract import Event
from tests.twin.reliability.worn_fleet import BEND, HEIGHT, SPREAD, USUAL, Fleet
from tests.twin.toy import ToyFleet, toy_spec
from twin.lab.running.archive import decode, encode
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.reliability import failure_paths
from twin.reliability.failure_paths import FEWEST, ROWS, FailurePaths, PathLaw, fit_law
from twin.sensing.lives import Life, Lives
from twin.surrogates.smoothing import Persistence
from twin.twin import Twin

EDGES = (0.0, 6.0, 36.0, 144.0)


def watch(one: FailurePaths, fleet: Fleet, ticks: int, *, learns: bool = True) -> list[tuple[Any, ...]]:
    """(tick, hazard of the first mode [bins], ticks to the end of the life) for each tick and asset."""
    said = []
    for _ in range(ticks):
        rises, age = fleet.step()
        up = np.ones(fleet.assets, dtype=bool)
        hazard = one.update(rises, up, age, fleet.lives, fleet.rate, learns=learns)
        assert np.isnan(hazard[..., 1]).all()
        ends = fleet.born + fleet.level / fleet.pace - fleet.tick
        said += [(fleet.tick, hazard[a, :, 0], ends[a]) for a in range(fleet.assets)]
    return said


def watched(ticks: int, assets: int = 8, seed: int = 0) -> tuple[FailurePaths, Fleet, list[tuple[Any, ...]]]:
    """(degradation, fleet, what was said)."""
    fleet, one = Fleet(assets, seed), FailurePaths(assets=assets, columns=4, edges=EDGES, tick=1.0, modes=2)
    return one, fleet, watch(one, fleet, ticks)


def test_a_known_law_is_found_and_its_chances_come_true() -> None:
    one, _, said = watched(6000)
    law = one.law()
    assert law is not None
    assert law.which == 1
    assert law.height == pytest.approx(HEIGHT, rel=0.1)
    assert law.power == pytest.approx(1 / BEND, rel=0.1)
    assert law.spread == pytest.approx(SPREAD, abs=0.05)
    late = [(hazard, ends) for tick, hazard, ends in said if tick > 2000]
    chance = np.array([1 - np.cumprod(1 - hazard) for hazard, _ in late])
    came = np.array([[ends <= edge for edge in EDGES[1:]] for _, ends in late])
    assert came.mean(0) == pytest.approx(chance.mean(0), rel=0.15)
    assert np.mean((chance - came) ** 2, 0)[2] < 0.45 * came[:, 2].var()
    for low, high in ((0.05, 0.25), (0.25, 0.75), (0.75, 0.95)):
        among = (chance[:, 2] > low) & (chance[:, 2] < high)
        assert came[among, 2].mean() == pytest.approx(chance[among, 2].mean(), abs=0.12)


def test_no_hazard_is_forecast_before_it_has_proved_better_than_a_constant_hazard() -> None:
    one, fleet, said = watched(1500)
    third = sorted(life.end for life in fleet.lives.finished)[FEWEST - 1]
    heard = np.array([np.isfinite(hazard).all() for tick, hazard, _ in said if tick > third])
    assert all(np.isnan(hazard).all() for tick, hazard, _ in said if tick <= third)
    first = int(np.argmax(heard))
    assert 0 < first < 400 * fleet.assets
    assert heard[first:].all()
    one._credit = 0.0  # as if it had not
    assert np.isnan(watch(one, fleet, 1)[0][1]).all()


def test_where_no_signal_rises_no_hazard_is_forecast() -> None:
    random = np.random.default_rng(0)
    head = np.stack([np.zeros(40), random.uniform(100, 500, 40)], 1)
    ends = np.concatenate([head, random.normal([-0.9] * 4 + [0.0] * 4, 0.1, (40, 8))], 1)
    assert fit_law(ends, 0) is None
    ends[:, [5, 9]] = np.nan
    assert fit_law(ends, 0) is None
    ends[:, 4], ends[:, 8] = 0.4, 1.0 + random.normal(0.0, 0.1, 40)
    law = fit_law(ends, 0)
    assert law is not None
    assert (law.which, law.height) == (2, pytest.approx(1.0, abs=0.05))
    assert fit_law(ends[: FEWEST - 1], 0) is None


def test_what_proves_wrong_is_heard_no_longer() -> None:
    """Signals go on to rise as before, but nothing fails of it any more."""
    one, fleet, _ = watched(2000)
    assert one._credit > 3
    for asset in range(fleet.assets):
        fleet.level[asset] = np.inf
    said = watch(one, fleet, 600)
    assert np.isnan([hazard for _, hazard, _ in said[-8:]]).all()
    for asset in range(fleet.assets):
        fleet.end(asset, -1)
    said = watch(one, fleet, 2500)  # and learns to be heard again
    assert np.isfinite([hazard for _, hazard, _ in said[-8:]]).all()


def test_rare_failures_of_another_mode_do_not_bend_the_law() -> None:
    one, fleet, _ = watched(3000)
    law = one.law()
    for asset in range(6):
        fleet.end(asset, 1)
        watch(one, fleet, 3)
    again = one.law()
    assert law is not None
    assert again is not None
    assert again.height == pytest.approx(law.height, rel=0.03)
    assert sum(row[0] == 1.0 for row in one._ends) >= 5


def test_a_frozen_twin_learns_of_no_end() -> None:
    one, rise = FailurePaths(assets=1, columns=1, edges=EDGES, tick=1.0), np.ones((1, 1))
    lives: Any = SimpleNamespace(finished=[], failures=np.ones((1, 1)))
    for tick in range(40):
        if tick % 10 == 9:
            lives.finished.append(Life(0, tick - 9.0, float(tick), -1 if tick < 20 else 0))
        stands = np.full(1, tick % 10 < 9)
        one.update(rise * (tick % 10), stands, np.full(1, tick % 10), lives, np.full(1, 0.1), learns=tick < 35)
    assert one._ends == [[-1.0, 8.0, 4.0, 8.0]] * 2 + [[0.0, 8.0, 4.0, 8.0]]  # how, ticks, height half-way, at the end


def test_maintenance_ahead_of_failure_does_not_bend_the_law() -> None:
    """Where most lives are cut short at .9 of the usual wear, those that fail nevertheless had low levels: were the
    others left out, the level would seem low too.
    """
    fleet, one = Fleet(8, 5), FailurePaths(assets=8, columns=4, edges=EDGES, tick=1.0, modes=2)
    for _ in range(6000):
        watch(one, fleet, 1)
        for asset in np.flatnonzero(fleet.pace * (fleet.tick - fleet.born) > 0.9):
            fleet.end(int(asset), -1)
    law, ends = one.law(), np.array(one._ends)
    failed = ends[:, 0] == 0
    assert law is not None
    assert 5 < failed.sum() < 0.35 * len(ends)
    alone = fit_law(ends[failed], 0)
    assert alone is not None
    assert abs(law.height / HEIGHT - 1) < 0.5 * abs(alone.height / HEIGHT - 1)
    assert law.height == pytest.approx(HEIGHT, rel=0.15)
    assert law.spread == pytest.approx(SPREAD, abs=0.06)
    assert law.rate == pytest.approx(1.06 / USUAL, rel=0.1)  # mean of the lognormal paces


def test_a_long_path_is_thinned_and_its_half_stays_in_the_middle() -> None:
    one, lives = FailurePaths(assets=1, columns=1, edges=EDGES, tick=1.0), Lives(toy_spec(1))
    ticks = 9 * ROWS
    for tick in range(ticks):
        one.update(np.full((1, 1), float(tick)), np.ones(1, dtype=bool), np.full(1, float(tick)), lives, np.ones(1))
    lives.observe([Event(ticks * 600.0, toy_spec(1).assets[0].name, "failed", toy_spec(1).modes[0])])
    one.update(np.full((1, 1), np.nan), np.zeros(1, dtype=bool), np.zeros(1), lives, np.ones(1))
    _, age, half, end = one._ends[0]
    assert age == ticks - 1
    assert half == pytest.approx(ticks / 2, rel=0.05)
    assert end == pytest.approx(ticks, rel=0.02)


def test_wear_beyond_the_usual_end_is_likely_to_end_soon() -> None:
    law = PathLaw(mode=0, which=0, height=1.0, power=1.0, spread=0.1, rate=0.01, variation=0.4)
    rise, ahead = np.array([0.0, 0.5, 0.95, 1.5, 40.0]), np.array([0.0, 1.0, 10.0, 100.0, 1e6])
    stands = law.survival(rise, np.array([0.0, 50.0, 95.0, 150.0, 150.0]), ahead)
    assert np.isfinite(stands).all()
    assert (stands[:, 0] == 0).all()
    assert (np.diff(stands, axis=1) <= 0).all()
    assert (np.diff(stands[:4, 2]) < 0).all()
    assert np.exp(stands[0, 3]) == pytest.approx(0.5, abs=0.01)  # one usual life
    unknown = law.survival(np.array([np.nan]), np.ones(1), ahead)
    assert np.isnan(unknown).all()


def test_what_it_has_seen_is_kept() -> None:
    """At any moment: what was said of the next tick, and of whom, is part of it."""
    one, fleet, _ = watched(400, seed=3)
    up = np.ones(8, dtype=bool)
    for _ in range(400):
        other = FailurePaths(assets=8, columns=4, edges=EDGES, tick=1.0, modes=2)
        other.load(decode(encode(one.state())))
        rises, age = fleet.step()
        told = [each.update(rises, up, age, fleet.lives, fleet.rate) for each in (one, other)]
        assert np.array_equal(*told, equal_nan=True)
        assert encode(one.state()) == encode(other.state())
    assert np.isfinite(told[0][..., 0]).all()
    assert one.law() == other.law() is not None


def test_one_that_is_frozen_or_down_changes_nothing() -> None:
    one, fleet, _ = watched(800)
    credit, ends = one._credit, list(one._ends)
    watch(one, fleet, 800, learns=False)
    assert (one._credit, one._ends) == (credit, ends)
    rises, age = fleet.step()
    up = np.arange(8) < 5
    hazard = one.update(rises, up, age, fleet.lives, fleet.rate)
    assert np.isfinite(hazard[:5, :, 0]).all()
    assert np.isnan(hazard[5:]).all()


def test_some_hazard_is_left_where_a_path_promises_none() -> None:
    one, fleet, _ = watched(2000)
    hazard = one.update(np.zeros((8, 4)), np.ones(8, dtype=bool), np.full(8, 300.0), fleet.lives, fleet.rate)
    assert (hazard[:, 0, 0] >= -np.expm1(-0.1 * 6 / USUAL) - 1e-12).all()


@pytest.mark.parametrize("delay", [1, 3, 6])
def test_failures_that_are_reported_late_teach_no_readings_of_a_machine_that_stopped(delay: int) -> None:
    one, fleet, heard = FailurePaths(assets=8, columns=4, edges=EDGES, tick=1.0, modes=2), Fleet(8, 0), 0
    told: Any = SimpleNamespace(finished=[], failures=fleet.lives.failures)
    up = np.ones(8, dtype=bool)
    for _ in range(5000):
        rises, age = fleet.step()
        for life in fleet.lives.finished[len(told.finished) :]:
            if fleet.tick - life.end >= delay:
                told.finished.append(life)
            else:  # it stands still, and nobody knows
                rises[life.asset, :3], age[life.asset] = -1.0, fleet.tick - life.start
                fleet.born[life.asset] = fleet.tick
        heard += int(np.isfinite(one.update(rises, up, age, told, fleet.rate)[..., 0]).all())
    law = one.law()
    assert law is not None
    assert law.which == 1
    assert law.height == pytest.approx(HEIGHT, rel=0.1)
    assert heard > 3500


def test_memory_is_bounded_and_an_inactive_one_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lives_kept = 32
    monkeypatch.setattr(failure_paths, "LIVES", lives_kept)
    one, lives = (
        FailurePaths(assets=1, columns=1, edges=EDGES, tick=1.0),
        SimpleNamespace(finished=[], failures=np.ones((1, 1))),
    )
    for life in range(4 * lives_kept):
        for tick in range(4):
            rise = np.full((1, 1), float(tick))
            up, age, rate = np.ones(1, dtype=bool), np.full(1, float(tick)), np.full(1, 0.1)
            one.update(rise, up, age, lives, rate)  # type: ignore[arg-type]
        lives.finished.append(Life(0, 0.0, 4.0, 0 if life % 3 == 0 else -1))
    kinds = [row[0] for row in one._ends]
    assert (kinds.count(-1.0), kinds.count(0.0)) == (lives_kept, lives_kept)
    fleet, none = Fleet(4, 0), FailurePaths(assets=4, columns=4, edges=EDGES, tick=1.0, modes=2, active=False)
    assert np.isnan([hazard for _, hazard, _ in watch(none, fleet, 1200)]).all()
    assert not none._ends
    assert not none._path.size
    with pytest.raises(ValueError, match="active = 'no': must be true or false"):
        FailurePaths(assets=1, columns=1, edges=EDGES, tick=1.0, active="no")  # type: ignore[arg-type]


@pytest.mark.parametrize("active", [True, False])
def test_a_twin_tells_its_surrogate_what_paths_say(active: bool) -> None:
    heard = []

    class Hearing(Persistence):
        def forecast(self, inputs: Any, plans: Any) -> Any:
            heard.append(inputs.path)
            return super().forecast(inputs, plans)

    fleet, spec = ToyFleet(0, 3), toy_spec(3)
    one = Twin(
        spec=spec, surrogate=Hearing, policy=RunToFailure, horizons=(1, 6), edges=(1, 6, 36), leads=(6,),
        memory={"capacity": 64}, features={"baseline": 3, "spans": (2, 6)}, degradation={"active": active},
    )  # fmt: skip
    for _ in range(900):
        for message in fleet.advance():
            one.observe(message)
        one.decide(fleet.now)
        one.ledger.drain()
        one.window.delivered_events.clear()
    assert {path.shape for path in heard} == {(4, 3, 2)}
    late, law = np.array(heard[-400:])[:, :3], one.degradation.law()
    if not active:
        assert np.isnan(late).all()
        return
    assert law is not None
    assert law.height == pytest.approx(9.0, rel=0.15)  # of 10, less what wear there was when its beginning was measured
    assert law.power == pytest.approx(1.0, abs=0.2)
    assert np.isfinite(late[..., 0]).any(0).all()
    assert np.isnan(late[..., 1]).all()
    assert np.isnan(np.array(heard)[:, 3]).all()  # the site


def test_paces_however_wild_leave_a_worn_asset_more_likely_to_fail() -> None:
    random = np.random.default_rng(0)
    lasted = random.lognormal(5.0, 1.8, 60)
    end = random.normal(1.0, 0.1, (60, 1))
    law = fit_law(np.concatenate([np.zeros((60, 1)), lasted[:, None], 0.4 * end, end], 1), 0)
    assert law is not None
    assert law.variation == 1.0
    stands = law.survival(np.array([0.5, 0.9, 1.3]), np.full(3, 150.0), np.array([100.0]))[:, 0]
    assert (np.diff(stands) < 0).all()
