"""Sensors: what they make of the truth, and how they fail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine.kernel import Kernel
from sim.telemetry.sensors import Sensor, SensorBank
from sim.units import DAY
from tests.sim.line.lines import load, shop


class Constant:
    """Every true value is 10."""

    def __init__(self, sensors: int) -> None:
        self.sensors = sensors
        self.samples: list[tuple[float, dict[int, float]]] = []

    def measure(self) -> NDArray[np.float64]:
        return np.full(self.sensors, 10.0)

    def report(self, time: float, signals: NDArray[np.int32], values: NDArray[np.float64]) -> None:
        self.samples.append((time, dict(zip(signals.tolist(), values.tolist(), strict=True))))


def sampled(
    *sensors: Sensor, days: float = 1.0, period: float = 60.0, seed: int = 1
) -> list[tuple[float, dict[int, float]]]:
    kernel, subject = Kernel(), Constant(len(sensors))
    every = range(len(sensors))
    SensorBank(
        kernel=kernel,
        name="bank",
        seed=seed,
        period=period,
        sensors=sensors,
        signals=every,
        columns=every,
        subject=subject,
    )
    kernel.advance(days * DAY)
    return subject.samples


def values(*sensors: Sensor, signal: int = 0, **how: Any) -> NDArray[np.float64]:
    return np.array([sample.get(signal, np.nan) for _, sample in sampled(*sensors, **how)])


def test_a_perfect_sensor_tells_the_truth_on_time() -> None:
    samples = sampled(Sensor(key="a.power"), period=600.0, days=0.1)
    assert [time for time, _ in samples] == [600.0 * (k + 1) for k in range(14)]
    assert all(sample == {0: 10.0} for _, sample in samples)


def test_gain_bias_and_noise() -> None:
    read = values(Sensor(key="a.power", gain=1.2, bias=3.0, noise=0.5), days=10.0)
    assert read.mean() == pytest.approx(15.0, abs=0.02)
    assert read.std() == pytest.approx(0.5, rel=0.03)


def test_drift_is_per_day_and_a_jump_comes_at_its_time() -> None:
    assert values(Sensor(key="a.power", drift=2.0), days=3.0)[-1] == pytest.approx(16.0)
    read = values(Sensor(key="a.power", jump_time=1.0, jump_factor=0.5), days=2.0)
    assert set(read[:1439]) == {10.0}
    assert set(read[1439:]) == {5.0}


def test_a_stuck_sensor_repeats_its_last_value() -> None:
    read = values(Sensor(key="a.power", noise=1.0, stuck_after=1.0), days=2.0)
    assert len(set(read[:1439])) == 1439
    assert set(read[1439:]) == {read[1438]}


def test_dropouts_are_missing() -> None:
    assert np.isnan(values(Sensor(key="a.power", dropout=0.3), days=5.0)).mean() == pytest.approx(0.3, abs=0.02)


def test_each_sensor_has_its_own_noise_whatever_the_others_are() -> None:
    noisy = Sensor(key="a.power", noise=1.0)
    alone = values(noisy)
    beside = values(Sensor(key="b.power", noise=9.0, dropout=0.5, stuck_after=0.1), noisy, signal=1)
    assert (alone == beside).all()
    assert not (alone == values(Sensor(key="c.power", noise=1.0))).any()


def test_sensors_of_several_periods() -> None:
    plant = shop(sample={"vibration": 30.0, "temperature": 300.0, "power": 60.0}, sensors={"b.power": {"period": 20.0}})
    spec, counted = plant.spec, dict[str, int]()
    for message in plant.advance(6000.0):
        for index in message.signals:
            counted[spec.signals[index].key] = counted.get(spec.signals[index].key, 0) + 1
    assert counted["a.temperature"] == 20
    assert counted["a.power"] == 100
    assert counted["b.power"] == 300
    assert {s.key: s.period for s in spec.signals}["b.power"] == 20.0
    assert 100 < counted["a.vibration"] <= 200  # only while it runs


def test_what_is_sampled_more_often_does_not_change_what_happens() -> None:
    often, seldom = shop(sample=7.0), shop(sample=600.0)
    often.advance(DAY)
    seldom.advance(DAY)
    assert often.truth()["wear"] == seldom.truth()["wear"]
    assert often.kpis()["good_parts"] == seldom.kpis()["good_parts"]


def test_vibration_and_temperature_follow_wear_and_load() -> None:
    plant = load("line_small")
    wears, vibrations, temperatures = list[float](), list[float](), list[float]()
    heard = {
        plant.spec.signal_index[f"mill.{what}"]: found
        for what, found in (("vibration", vibrations), ("temperature", temperatures))
    }
    while plant.now < 6 * DAY:
        found: dict[int, list[float]] = {index: [] for index in heard}
        for message in plant.advance(plant.now + 3600.0):
            for index, value in zip(message.signals.tolist(), message.values.tolist(), strict=True):
                if index in found:
                    found[index].append(value)
        if all(found.values()) and plant.truth()["state"]["mill"] in ("busy", "blocked", "idle"):
            wears.append(plant.truth()["wear"]["mill"])
            for index, values_ in found.items():
                heard[index].append(float(np.mean(values_)))
    assert np.corrcoef(wears, vibrations)[0, 1] > 0.9
    assert np.corrcoef(wears, temperatures)[0, 1] > 0.3


def test_power_reports_what_the_meter_bills() -> None:
    plant = shop(wear=False, sensors={f"{n}.power": {"noise": 0.0} for n in "abc"})
    index = {plant.spec.signal_index[f"{n}.power"] for n in "abc"}
    watts = 0.0
    for message in plant.advance(36_000.0):
        watts += sum(v for s, v in zip(message.signals.tolist(), message.values.tolist(), strict=True) if s in index)
    assert watts * 60.0 / 3600.0 == pytest.approx(plant.kpis()["energy_kwh"], rel=1e-6)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"noise": -1.0}, "noise = -1.0"),
        ({"dropout": 1.5}, "dropout = 1.5"),
        ({"jump_factor": 0.0}, "jump_factor = 0.0"),
        ({"stuck": 3.0}, "'stuck' is unknown"),
    ],
)
def test_a_bad_sensor_is_named(settings: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Sensor(key="a.power", **settings)


def test_a_bad_period_is_named() -> None:
    with pytest.raises(ValueError, match="sample = 0"):
        shop(sample=0.0)
    with pytest.raises(ValueError, match=r"sensors\.a\.power\.period = -1"):
        shop(sensors={"a.power": {"period": -1.0}})
    with pytest.raises(ValueError, match="sample: 'smell' is unknown"):
        shop(sample={"smell": 3.0})
