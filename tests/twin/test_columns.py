"""The tables of columns: every name is found at the position where its value is written."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.toy import TICK, ToyFleet, toy_spec
from twin.columns import FeatureColumns, PlanColumns
from twin.forecast import Plan
from twin.layout import Layout
from twin.planning.encoder import PlanEncoder
from twin.sensing.cleaning import Cleaner
from twin.sensing.features import Features
from twin.sensing.window import Window

HORIZONS = (1, 6, 36)
SPANS = (6, 36)


@pytest.mark.parametrize("age", [True, False])
def test_features_stand_where_their_names_say(age: bool) -> None:
    spec, fleet = toy_spec(), ToyFleet(seed=1)
    features = Features(layout=Layout(spec), horizons=HORIZONS, spans=SPANS, age=age)
    window = Window(spec=spec, cleaner=Cleaner(spec=spec))
    for tick in range(1, 30):
        for message in fleet.advance():
            window.add(message)
        frame = window.close(tick * TICK)
        rows = features.update(frame, np.zeros(4)).features
    names = features.columns.names
    assert rows.shape == (4, len(names))
    assert len(set(names)) == len(names)
    vibration = Layout(spec).slots.index("vibration")
    np.testing.assert_array_equal(rows[:, names.index("slot.vibration.value")], frame.value[:, vibration])
    np.testing.assert_array_equal(rows[:, names.index("slot.vibration.spread")], frame.spread[:, vibration])
    assert rows[:, names.index("type.pump")].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert rows[:3, names.index("setpoint.speed")].tolist() == [0.0, 0.0, 0.0]
    assert ("log_age" in names) is age
    if age:
        np.testing.assert_array_equal(rows[:, names.index("log_age")], np.log1p(frame.age))


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [("change", {"slope6", "rise6", "rise36", "ratio"}), ("level", {"mean6", "mean36", "slope6"}), ("all", None)],
)
def test_a_hazard_rests_on_gauges_and_age_only(condition: str, allowed: set[str] | None) -> None:
    table = FeatureColumns.of(Layout(toy_spec()), horizons=HORIZONS, spans=SPANS, condition=condition)
    names = [table.names[i] for i in table.condition]
    assert not [name for name in names if name.startswith("slot.profit")]  # a counter
    if allowed is not None:
        assert set(names) == {f"slot.vibration.{name}" for name in allowed} | {"log_age", "root_age"}


def test_plans_stand_where_their_names_say() -> None:
    encoder = PlanEncoder(layout=Layout(toy_spec()), horizons=HORIZONS)
    plan = Plan("asked", np.array([3.0, np.inf, np.inf, np.inf]), np.array([[1.25], [1.0], [1.0], [np.nan]]))
    row, names = encoder.encode([plan], closed=True)[0, 0], encoder.columns.names
    assert [row[names.index(f"order.within.{h}")] for h in HORIZONS] == [0.0, 1.0, 1.0]
    assert row[names.index("order.after.6")] == 0.5
    assert row[names.index("order.share.36")] == 0.25
    assert row[names.index("closed")] == 1.0
    assert row[names.index("move.own.1.speed")] == 0.25
    assert row[names.index("move.mean.1.speed")] == pytest.approx(0.25 / 3)


def test_columns_are_found_by_horizon() -> None:
    columns = PlanColumns(horizons=HORIZONS, setpoints=("speed", "flow"))
    assert len(set(columns.names)) == len(columns) == 3 * 3 + 1 + 2 * 3 * 2
    assert [columns.names[i] for i in columns.of("own", 1)] == ["move.own.6.speed", "move.own.6.flow"]
    assert {columns.names[i] for i in columns.of_horizon(2)} == {
        *(f"order.{block}.36" for block in ("within", "after", "share")),
        "closed",
        *(f"move.{block}.36.{name}" for block in ("own", "mean") for name in ("speed", "flow")),
    }
    assert all("order" in name or name == "closed" for name in columns.names[: columns.orders])
