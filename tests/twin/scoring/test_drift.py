"""When the watch cries drift, and when it does not. Streams here go together from tick to tick, as forecast errors
do."""

from typing import Any

import numpy as np
import pytest

from sim import contract
from sim.contract import Action, Event, Message
from tests.twin.toy import ToyFleet
from twin.forecast import QUANTILES
from twin.lab.running.archive import decode, encode
from twin.layout import Layout
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.scoring.drift import Drift
from twin.scoring.surprise import SETTLING, Surprise, Surprises, position
from twin.surrogates.smoothing import EWMA
from twin.twin import Twin

TARGETS = ("vibration", "temperature", "profit")


def surprises(random: np.random.Generator, ticks: int, *, together: float = 0.5, assets: int = 6) -> list[Surprise]:
    """Positions uniform over (-.5, .5), autocorrelated within an asset; failures as their chances say."""
    from scipy.stats import norm

    level = random.normal(size=(assets, len(TARGETS)))
    found = []
    for _ in range(ticks):
        level = together * level + np.sqrt(1 - together**2) * random.normal(size=level.shape)
        failures = float(random.random() < 0.02)
        found.append(Surprise(norm.cdf(level) - 0.5, failures - 0.02, 0.02))
    return found


def alarms(drift: Drift, stream: list[Surprise]) -> list[tuple[int, str]]:
    return [(tick, name) for tick, one in enumerate(stream, start=1) for name in drift.watch(tick, one)]


@pytest.mark.parametrize("together", [0.0, 0.5, 0.8])
def test_at_most_one_of_ten_quiet_runs_is_alarmed(together: float) -> None:
    """Runs of 4000 ticks, all targets and failures at once."""
    false = 0
    for seed in range(10):
        drift = Drift(targets=TARGETS)
        false += bool(alarms(drift, surprises(np.random.default_rng(seed), 4000, together=together)))
        assert drift.alarms <= 1
    assert false <= 1


@pytest.mark.parametrize("seed", range(4))
def test_a_shifted_signal_is_found_within_days(seed: int) -> None:
    """Truths that come to lie near the upper quantiles: named, and within eight blocks."""
    stream = surprises(np.random.default_rng(seed), 4000)
    for tick in range(2000, 4000):
        stream[tick].position[:, 0] = 0.4
    found = alarms(Drift(targets=TARGETS), stream)
    assert found
    assert found[0][1] in ("position.vibration", "spread.vibration")
    assert 2000 < found[0][0] <= 2000 + 8 * 36


def test_failures_that_become_more_frequent_than_forecast_are_found() -> None:
    """Four times as frequent: in most of ten runs within what was one expected failure times twenty."""
    found = []
    for seed in range(10):
        random, drift = np.random.default_rng(seed), Drift(targets=())
        chance = np.where(np.arange(3700) < 2700, 0.02, 0.08)
        nothing = np.zeros((0, 0))
        stream = [Surprise(nothing, float(random.random() < p) - 0.02, 0.02) for p in chance]
        found += [tick for tick, _ in alarms(drift, stream)[:1]]
    assert all(tick > 2700 for tick in found)
    assert len(found) >= 8


def test_nothing_is_watched_before_its_time_nor_while_it_rests() -> None:
    stream = surprises(np.random.default_rng(0), 3000)
    for tick in range(2000, 3000):
        stream[tick].position[:, 0] = 0.45
    assert not alarms(Drift(targets=TARGETS, active=False), stream)
    drift = Drift(targets=TARGETS)
    drift.rest(2900)
    assert not alarms(drift, stream)


def test_a_watch_taken_up_cries_at_the_same_tick() -> None:
    stream = surprises(np.random.default_rng(1), 3000)
    for tick in range(2000, 3000):
        stream[tick].position[:, 1] = 0.3
    first, second = Drift(targets=TARGETS), Drift(targets=TARGETS)
    for tick in range(1, 2031):
        first.watch(tick, stream[tick - 1])
    data = encode(first.state())
    second.load(decode(data))
    assert encode(second.state()) == data
    after = [[d.watch(tick, stream[tick - 1]) for tick in range(2031, 3001)] for d in (first, second)]
    assert after[0] == after[1]
    assert any(after[0])
    assert encode(second.state()) == encode(first.state())


def test_the_position_is_uniform_where_the_quantiles_are_right() -> None:
    random = np.random.default_rng(0)
    truth = random.random(20_000)
    place = position(truth, np.tile(QUANTILES, (20_000, 1)))
    assert abs(place.mean()) < 4 * np.sqrt(1 / 12 / 20_000)
    inside = (truth > 0.05) & (truth < 0.95)
    assert np.allclose(place[inside], truth[inside] - 0.5)
    assert position(np.array([-9.0, 9.0, np.nan]), np.tile(QUANTILES, (3, 1))).tolist()[:2] == pytest.approx(
        [-0.475, 0.475]
    )
    assert np.isnan(position(np.array([np.nan]), np.array([QUANTILES]))).all()


def test_what_the_twin_acted_on_is_left_out_and_the_site_with_it() -> None:
    layout = Layout(ToyFleet(0).spec)
    watch = Surprises(layout=layout, horizon=1, lead=6)
    standing = layout.setpoint_bounds()[2]
    fate = (np.full(4, 9.0), np.full(4, -1), np.ones(4, dtype=bool))

    def known(made: int) -> list[bool]:
        one = watch.take(made, np.zeros((4, 2)), np.full(4, 0.3), fate)
        return np.isfinite(one.position).all(1).tolist()

    watch.note(100, standing, [])
    assert known(99) == [True] * 4
    moved = standing.copy()
    moved[1] = 1.2
    watch.note(101, moved, [(2, 95)])
    assert known(101) == [True, False, False, False]  # the site is touched by what is done to the pumps
    watch.note(101 + SETTLING, moved, [])
    assert known(101 + SETTLING) == [True] * 4
    one = watch.take(
        200, np.zeros((4, 2)), np.full(4, 1 - 0.9**6), (np.array([0.5, 9, 9, 9]), np.array([0, -1, -1, -1]), fate[2])
    )
    assert one.expected == pytest.approx(0.4)
    assert one.failures == pytest.approx(1 - 0.4)


class Busy(RunToFailure):
    """From tick `since` on, moves the speed of one asset up and down."""

    since = 1200

    def act(self, window: Any, predict: Any) -> list[Action]:
        if window.tick < self.since or window.tick % 2:
            return []
        return [Action(window.now, "pump_0.speed", 0.6 if window.tick % 4 else 1.4)]


class Geared(ToyFleet):
    """Vibration goes with speed."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._speed = np.ones(3)
        self._moves: list[Action] = []

    def apply(self, action: Action) -> None:
        super().apply(action)
        if action.actuator.endswith("speed"):
            self._moves.append(action)

    def advance(self) -> list[Message]:
        applied = []
        for move in self._moves:
            self._speed[int(move.actuator[5])] = move.value
            applied.append(
                Event(self.now, move.actuator.partition(".")[0], contract.COMMAND_APPLIED, move.actuator, move.value)
            )
        self._moves.clear()
        telemetry, events = super().advance()
        telemetry.values[:-1] *= np.tile(self._speed, 10)
        return [telemetry, events._replace(events=(*applied, *events.events))]


def test_own_actions_raise_no_alarm_since_they_are_not_looked_at() -> None:
    fleet = Geared(0)
    ticks = {"horizons": (1, 6), "edges": (1, 3, 6, 24), "leads": (6, 24)}
    twin = Twin(spec=fleet.spec, surrogate=EWMA, policy=Busy, **ticks)  # type: ignore[arg-type]
    seen: list[list[bool]] = []
    for _ in range(1500):
        for message in fleet.advance():
            twin.observe(message)
        for action in twin.decide(fleet.now):
            fleet.apply(action)
        twin.window.delivered_events.clear()
        twin.ledger.drain()
        if twin.ledger.surprise is not None:
            seen.append(np.isfinite(twin.ledger.surprise.position).any(1).tolist())
    calm, busy = np.array(seen[20 : Busy.since - SETTLING - 5]), np.array(seen[Busy.since + 5 :])
    assert (calm.mean(0) > 0.8).all()
    assert busy.mean(0)[[0, 3]].tolist() == [0.0, 0.0]
    assert (busy.mean(0)[1:3] > 0.8).all()
    assert twin.counts()["drift_alarms"] == 0
