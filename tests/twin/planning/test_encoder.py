"""Plans as numbers, and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.toy import toy_spec
from twin.forecast import Plan
from twin.layout import Layout
from twin.planning.encoder import PlanEncoder

HORIZONS = (1, 6, 36, 144)


@given(
    st.lists(st.none() | st.integers(0, 143), min_size=3, max_size=3),
    st.lists(st.floats(0.5, 1.5), min_size=3, max_size=3),
    st.booleans(),
)
def test_a_plan_comes_back_from_its_columns(orders: list[int | None], speeds: list[float], closed: bool) -> None:
    encoder = PlanEncoder(layout=Layout(toy_spec()), horizons=HORIZONS)
    plan = Plan(
        "asked",
        np.array([*(np.inf if o is None else float(o) for o in orders), np.inf]),
        np.array([[s] for s in [*speeds, np.nan]]),
    )
    (found,) = encoder.decode(encoder.encode([plan], closed=closed))
    assert np.array_equal(found.orders, plan.orders)
    assert np.isnan(found.setpoints[-1, 0])
    np.testing.assert_allclose(found.setpoints[:3], plan.setpoints[:3], atol=1e-6)
    assert encoder.encode([found], closed=closed).shape == (1, 4, len(encoder.columns))


def test_an_order_beyond_the_longest_horizon_is_none() -> None:
    encoder = PlanEncoder(layout=Layout(toy_spec()), horizons=HORIZONS)
    plan = Plan("late", np.array([144.0, 500.0, np.inf, np.inf]), np.ones((4, 1)))
    (found,) = encoder.decode(encoder.encode([plan], closed=True))
    assert np.isinf(found.orders).all()
