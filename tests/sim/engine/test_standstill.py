"""A plant whose events follow each other without time between them says which; one that has many at once goes on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sim.contract import StandstillError
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.standstill import allowed
from sim.plants.production_line import ProductionLine


class Beater(Component):
    """Strikes `times` times, `gap` s apart, and hands each strike over to `touch`."""

    def __init__(self, kernel: Kernel, name: str, gap: float, times: int) -> None:
        super().__init__(kernel, name)
        self.gap, self.left, self.touched = gap, times, 0
        self.timer = Timer(kernel, self._strike)
        self.timer.set(0.0)

    def _strike(self) -> None:
        self.left -= 1
        self.kernel.soon(self.touch)
        if self.left:
            self.timer.set(self.gap)

    def touch(self) -> None:
        self.touched += 1


def test_a_great_many_events_at_one_instant_are_no_loop() -> None:
    kernel = Kernel()
    beater = Beater(kernel, "beater", 0.0, allowed(1) // 2 - 1)
    kernel.advance(1.0)
    assert beater.touched == allowed(1) // 2 - 1


@pytest.mark.parametrize(("start", "gap"), [(0.0, 0.0), (0.0, 1e-300), (1e9, 1e-9)])
def test_events_without_time_between_them_end_in_an_error_that_names_them(start: float, gap: float) -> None:
    kernel = Kernel(start)
    Beater(kernel, "beater", gap, 10**9)
    Beater(kernel, "bystander", 10.0, 10**9)
    with pytest.raises(
        StandstillError, match=r"in a row within 1e-06 s, of beater \(\w+\), beater \(\w+\): their"
    ) as e:
        kernel.advance(start + 100.0)
    assert f"t = {start:g} s" in str(e.value) or gap == 1e-300
    assert {"beater (strike)", "beater (touch)"} == set(re.findall(r"beater \(\w+\)", str(e.value)))


def test_components_that_hand_over_to_each_other_for_ever_are_named() -> None:
    class Ball(Component):
        def __init__(self, kernel: Kernel, name: str) -> None:
            super().__init__(kernel, name)
            self.partner = self

        def hit(self) -> None:
            self.kernel.soon(self.partner.hit)

    kernel = Kernel()
    one, other = Ball(kernel, "one"), Ball(kernel, "other")
    one.partner, other.partner = other, one
    kernel.soon(one.hit)
    with pytest.raises(StandstillError, match=r"of one \(hit\), other \(hit\):|of other \(hit\), one \(hit\):"):
        kernel.advance(1.0)


@pytest.mark.parametrize(
    ("stations", "names"),
    [
        ({"press": {"cycle": 10.0, "arrivals": {"scipy": "bernoulli", "p": 1e-12}}}, r"of press\.source \(arrive\):"),
        ({"press": {"cycle": 10.0, "arrivals": {"law": "exponential", "mean": 1e-300}}}, r"press\.source \(arrive\)"),
        ({"saw": {"cycle": 1e-300, "to": "mill"}, "mill": {"cycle": 1e-300}}, r"saw \(end of work\)"),
    ],
)
def test_a_line_whose_times_are_nothing_names_source_and_stations(stations: dict[str, Any], names: str) -> None:
    line = ProductionLine(seed=1, stations=stations, tick=600.0, sample=600.0)
    with pytest.raises(StandstillError, match=names):
        line.advance(600.0)
