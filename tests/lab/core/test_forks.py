"""surrogate=forks: its quantiles and hazards are the plant's own, and the plant does not notice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim import contract
from sim.contract import Action, Actuator, Asset, Event, Message, Objective, PlantSpec, Signal
from twin.lab.configure.compose import compose
from twin.lab.core.build import connect
from twin.lab.core.privileged.forks import PrivilegedForks, empirical
from twin.lab.running.execute import execute
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.base import levels_of_confidence
from twin.twin import Twin

TICK, RATE = 600.0, 0.08  # of failure, per tick
COUNT = 500
SIZES = {"horizons": (1, 4), "edges": (1, 2, 4), "leads": (4,)}


class Gambler:
    """A pump that fails at RATE; a gauge that is normal around its speed, a counter that grows by uniform
    amounts times speed. A work order stops it for good."""

    def __init__(self, seed: int = 0) -> None:
        self.spec = PlantSpec(
            assets=(Asset("pump", "pump"),),
            links=(),
            signals=(
                Signal("pump", "heat", "temperature", "degC", TICK, forecast=True),
                Signal("pump", "profit", "profit", "EUR", TICK, cumulative=True, forecast=True),
            ),
            actuators=(
                Actuator("pump", "speed", "setpoint", "", 0.5, 1.5, 1.0),
                Actuator("pump", "maintain", "work_order", "", 1.0, 1.0, 1.0),
            ),
            objective=Objective("pump.profit", "EUR"),
            tick=TICK,
            modes=("wear", "shock"),
        )
        self.now, self.profit, self.speed, self.stands, self._sent = 0.0, 0.0, 1.0, True, 0
        self._random = np.random.default_rng(seed)
        self._events: list[Event] = []

    def advance(self, until: float) -> list[Message]:
        found = []
        for now in np.arange(self.now + TICK, until + 1.0, TICK):
            heat = self._random.normal(self.speed, 1.0)
            self.profit += self.speed * self._random.uniform()
            if self._random.random() < -np.expm1(-RATE) and self.stands:
                self._note(now - 1.0, contract.FAILED, "shock" if self._random.random() < 0.25 else "wear")
            signals = np.array([0, 1], dtype=np.int32)
            values = np.array([heat, self.profit])
            found.append(Message("all", self._sent, now, now, signals, np.full(2, now), values, tuple(self._events)))
            self._events, self._sent = [], self._sent + 1
        self.now = until
        return found

    def _note(self, time: float, kind: str, detail: str = "") -> None:
        self._events.append(Event(time, "pump", kind, detail))
        self.stands = False

    def apply(self, action: Action) -> None:
        if action.actuator == "pump.speed":
            self.speed = action.value
        elif self.stands:
            self._note(self.now + 1.0, contract.MAINTENANCE_STARTED)

    def fork(self, reseed: int | None = None) -> Gambler:
        other = Gambler(0 if reseed is None else reseed)
        other.now, other.profit, other.speed, other.stands = self.now, self.profit, self.speed, self.stands
        other._sent = self._sent
        return other


class Asker(RunToFailure):
    """Keeps what it is told of some plans."""

    def __init__(self, *, spec: PlantSpec, **orders: float) -> None:
        self.told: Any = None

    def act(self, window: Any, predict: Any) -> list[Action]:
        hold = window.hold()
        plans = [hold, hold.with_setpoint(0, 0, 1.5), hold.with_order(0, 1.0)]
        self.told = predict(plans)
        return []


def told(ticks: int = 5, **options: Any) -> tuple[Any, Twin]:
    plant = Gambler()
    surrogate = partial(PrivilegedForks, **options)
    twin = Twin(spec=plant.spec, surrogate=surrogate, policy=Asker, seed=3, **SIZES)  # type: ignore[arg-type]
    connect(plant, twin)
    plant.advance(0.0)
    for number in range(1, ticks + 1):
        for message in plant.advance(number * TICK):
            twin.observe(message._replace(events=()))  # as far as the twin knows, it stands
        plant.stands = True
        twin.decide(number * TICK)
    return twin.policy.told, twin  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def many() -> Any:
    return told(replications=COUNT, every=5)[0]


def test_quantiles_are_those_of_the_known_distribution(many: Any) -> None:
    """A normal gauge and uniform growth, within four standard errors; twice the effect on the same luck is exact."""
    levels = levels_of_confidence()
    heat, profit = (many.quantiles[:, 0, :, t] for t in range(2))
    spread = 4 * np.sqrt(levels * (1 - levels) / COUNT)
    for horizon in range(2):
        assert np.all(
            np.abs(heat[0, horizon] - stats.norm.ppf(levels, 1.0)) < spread / stats.norm.pdf(stats.norm.ppf(levels))
        )
        assert heat[1, horizon] - heat[0, horizon] == pytest.approx(0.5, abs=1e-6)
    assert np.all(np.abs(profit[0, 0] - levels) < spread)
    of_four = np.quantile(np.random.default_rng(0).random((10**6, 4)).mean(1), levels)
    assert np.all(
        np.abs(profit[0, 1] - of_four) < spread / stats.norm.pdf(stats.norm.ppf(levels)) * np.sqrt(1 / 48) * 1.1
    )
    assert profit[1, 1] == pytest.approx(1.5 * profit[0, 1])


def test_hazards_are_the_shares_of_those_at_risk(many: Any) -> None:
    for bin_, (low, high) in enumerate(((0, 1), (1, 2), (2, 4))):
        chance, at_risk = 1 - np.exp(-RATE * (high - low)), COUNT * np.exp(-RATE * low)
        assert many.hazard[0, 0, bin_].sum() == pytest.approx(chance, abs=4 * np.sqrt(chance / at_risk))
        assert many.hazard[0, 0, bin_, 1] == pytest.approx(chance / 4, abs=4 * np.sqrt(chance / 4 / at_risk))
    # Ordered after a tick: the first bin as ever, then nobody is left alone, and the constant rate stands in.
    assert many.hazard[2, 0, 0] == pytest.approx(many.hazard[0, 0, 0])
    assert many.hazard[2, 0, 1, 0] == many.hazard[2, 0, 1, 1]


def test_between_its_times_it_says_nothing_of_signals_and_keeps_its_hazards() -> None:
    now, _ = told(ticks=5, replications=20, every=5)
    later, twin = told(ticks=6, replications=20, every=5)
    assert np.isfinite(now.quantiles).all()
    assert np.isnan(later.quantiles).all()
    assert (later.hazard == later.hazard[0]).all()
    assert later.hazard[0] == pytest.approx(now.hazard[0])
    assert twin.surrogate.learn(None) == {}  # type: ignore[arg-type]


def test_it_needs_a_plant_and_sensible_numbers() -> None:
    with pytest.raises(ValueError, match="replications = 0: must be >= 1"):
        told(replications=0)
    with pytest.raises(ValueError, match="every = 0: must be >= 1"):
        told(every=0)
    plant = Gambler()
    twin = Twin(spec=plant.spec, surrogate=PrivilegedForks, policy=RunToFailure, **SIZES)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="only the lab can give one"):
        twin.decide(TICK)


def overrides(surrogate: str, out: Path | None = None) -> Iterator[str]:
    yield from (f"surrogate={surrogate}", "policy=run_to_failure", "plant=line_small", "network=lossy", "report=false")
    yield from ("days=0.5", "twin.horizons=[1,6,36]", "twin.edges=[1,6,36]", "twin.leads=[6,36]")
    if surrogate == "forks":
        yield from ("surrogate.replications=2", "surrogate.every=12")
    if out is not None:
        yield f"out='{out}'"


def test_a_fork_that_keeps_its_future_tells_the_ledger_s_truths() -> None:
    """To the bit, over a network that loses, delays and doubles messages."""
    from twin.lab.configure.resolve import resolved
    from twin.lab.core.build import pair

    plant, twin = pair(resolved(compose("run", [*overrides("forks"), "surrogate.replications=1"])), "cpu")
    twin.surrogate.send(lambda _: plant.fork(), twin.window)
    rows = []
    for number in range(1, 100):
        for message in plant.advance(number * TICK):
            twin.observe(message)
        twin.decide(number * TICK)
        rows += twin.ledger.drain()[0]
    truths = np.concatenate([row["truth"] for row in rows])
    assert len(truths) > 100
    for name in ("q05", "q50", "q95"):
        assert np.array_equal(np.concatenate([row[name] for row in rows]), truths)


def test_the_plant_does_not_notice(tmp_path: Path) -> None:
    """Every table of the plant has the same bytes with and without forks; the record says that forks were used."""
    from twin.lab.record.run_directory import read_json

    for name in ("forks", "ewma"):
        execute(compose("run", list(overrides(name, tmp_path / name))))
    one, other = (tmp_path / name / "tables" for name in ("forks", "ewma"))
    for table in ("readings", "events", "kpis"):
        files = sorted(path.name for path in (one / table).iterdir())
        assert files
        assert all((one / table / file).read_bytes() == (other / table / file).read_bytes() for file in files)
    assert list((one / "forecasts").iterdir())
    assert read_json(tmp_path / "forks/run.json")["surrogate"] == "privileged_forks"
    assert PrivilegedForks.privileged


def test_nine_in_ten_next_draws_lie_within_the_quantiles_of_a_few_forks() -> None:
    """Of 39 draws the second and the last but one are the levels: a next draw falls into each of the 40 gaps alike."""
    draws = np.random.default_rng(0).standard_normal((40, 20_000))
    quantiles = empirical(draws[:39])
    covered = (draws[39] >= quantiles[:, 0]) & (draws[39] <= quantiles[:, -1])
    assert covered.mean() == pytest.approx(0.9, abs=0.01)
