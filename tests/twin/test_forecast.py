import numpy as np
import pytest

from twin.forecast import Forecast, Plan


def constant(rate: float, edges: tuple[float, ...] = (0.0, 1.0, 3.0, 10.0)) -> Forecast:
    hazard = -np.expm1(-rate * np.diff(edges))[None, None, :, None]
    return Forecast((1,), ("x",), edges, np.zeros((1, 1, 1, 1, 5)), hazard)


@pytest.mark.parametrize("ticks", [0.5, 1.0, 2.0, 7.7, 10.0, 25.0])
def test_a_constant_rate_gives_exponential_life(ticks: float) -> None:
    assert constant(0.3).failure_within(ticks) == pytest.approx(1 - np.exp(-0.3 * ticks))


def test_restricted_mean_of_an_immortal_is_the_last_edge() -> None:
    assert constant(0.0).restricted_mean() == pytest.approx(10.0)


def test_survival_falls_from_one_and_modes_compete() -> None:
    hazard = np.array([[[[0.1, 0.2], [0.3, 0.0], [0.0, 0.5]]]])
    forecast = Forecast((1,), ("x",), (0.0, 1.0, 3.0, 10.0), np.zeros((1, 1, 1, 1, 5)), hazard)
    assert forecast.survival()[0, 0] == pytest.approx([1.0, 0.7, 0.49, 0.245])


def test_plans_are_values() -> None:
    plan = Plan("hold", np.full(2, np.inf), np.ones((2, 1)))
    changed = plan.with_order(1).with_setpoint(0, 0, 1.2)
    assert plan.orders[1] == np.inf
    assert plan.setpoints[0, 0] == 1.0
    assert changed.orders[1] == 0.0
    assert changed.setpoints[0, 0] == 1.2
