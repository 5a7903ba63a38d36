import numpy as np
import pytest
from scipy.stats import CensoredData, weibull_min

from sim import contract
from sim.contract import Event, Message
from tests.twin.toy import TICK, ToyFleet, toy_spec
from twin.forecast import Forecast, Plan, Predict
from twin.policies.base import WorkOrders
from twin.policies.maintenance.age_based import AgeBased, fit_weibull, optimal_age
from twin.policies.maintenance.condition_based import ConditionBased
from twin.policies.maintenance.indicator import Indicator
from twin.policies.maintenance.predictive import Predictive
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window


@pytest.mark.parametrize(
    ("shape", "scale", "preventive", "corrective", "age", "cost", "failure_cost"),
    [
        (2.0, 1000.0, 1.0, 5.0, 510.655, 0.00408524, 0.00564190),
        (2.5, 500.0, 100.0, 1000.0, 177.287, 0.950109, 2.254121),
        (3.0, 200.0, 1.0, 10.0, 76.491, 0.0197468, 0.0559923),
    ],
)
def test_the_optimal_age_is_that_of_barlow_and_proschan(
    shape: float, scale: float, preventive: float, corrective: float, age: float, cost: float, failure_cost: float
) -> None:
    best, rate = optimal_age(shape, scale, preventive, corrective)
    assert best == pytest.approx(age, rel=2e-3)
    assert rate == pytest.approx(cost, rel=1e-4)
    assert corrective / weibull_min(shape, scale=scale).mean() == pytest.approx(failure_cost, rel=1e-5)


def test_a_constant_hazard_is_never_worth_a_renewal() -> None:
    assert optimal_age(1.0, 100.0, 1.0, 10.0)[0] == np.inf


def test_the_weibull_fit_is_the_maximum_likelihood_of_scipy() -> None:
    random = np.random.default_rng(0)
    lives, cuts = 100 * random.weibull(2.2, 60), random.uniform(20, 150, 60)
    seen, failed = np.minimum(lives, cuts), lives <= cuts
    shape, scale = fit_weibull(seen, failed)
    expected = weibull_min.fit(CensoredData(uncensored=seen[failed], right=seen[~failed]), floc=0)
    assert (shape, scale) == pytest.approx((expected[0], expected[2]), rel=1e-3)


def window(events: list[Event] = [], now: float = TICK) -> Window:  # noqa: B006  never changed
    spec = toy_spec()
    result = Window(spec=spec, cleaner=Cleaner(spec=spec))
    empty = np.zeros(0)
    result.add(Message("events", 0, 0.0, 0.0, empty.astype(np.int32), empty, empty, tuple(events)))
    result.close(now)
    return result


def lives(count: int, length: float) -> list[Event]:
    """`count` failures of pump_0, one every `length` seconds."""
    return [
        Event(length * i + shift, "pump_0", kind)
        for i in range(1, count + 1)
        for shift, kind in ((0.0, contract.FAILED), (1.0, contract.REPAIRED))
    ]


def forecaster(risk: float) -> Predict:
    """Every asset fails within 36 ticks with chance `risk`."""

    def predict(plans: list[Plan]) -> Forecast:
        hazard = np.full((len(plans), 4, 1, 1), risk)
        return Forecast((1,), ("x",), (0.0, 36.0), np.zeros((len(plans), 4, 1, 1, 5)), hazard)

    return predict  # type: ignore[return-value]


def test_the_marginal_rule_renews_when_waiting_is_dearer() -> None:
    policy = Predictive(spec=toy_spec(), enough=3)
    state = window(lives(10, 50_000.0), now=520_000.0)
    orders = WorkOrders(spec=toy_spec())
    due = orders.cost_rate(state)[1] * 36 * TICK / (orders.corrective - orders.preventive)[1]
    assert policy.act(state, forecaster(0.98 * due)) == []
    actions = policy.act(state, forecaster(1.02 * due))
    assert "pump_1.maintain" in {action.actuator for action in actions}
    assert all(action.reason for action in actions)


def test_nothing_is_renewed_before_failures_were_seen_and_no_order_twice() -> None:
    policy = Predictive(spec=toy_spec(), enough=3)
    assert policy.act(window(lives(2, 50_000.0), now=120_000.0), forecaster(0.9)) == []
    state = window(lives(4, 50_000.0), now=220_000.0)
    assert policy.act(state, forecaster(0.9))
    assert policy.act(state, forecaster(0.9)) == []


def test_age_replacement_waits_for_the_fitted_age() -> None:
    policy = AgeBased(spec=toy_spec(), enough=4)
    regular = lives(12, 50_000.0)
    early, late = window(regular, now=605_000.0), window(regular, now=647_000.0)
    assert not [a for a in policy.act(early, forecaster(0.0)) if a.actuator == "pump_0.maintain"]
    assert [a for a in policy.act(late, forecaster(0.0)) if a.actuator == "pump_0.maintain"]


def test_the_indicator_is_the_ratio_to_the_beginning_of_the_life() -> None:
    fleet = ToyFleet(0, rate=0.1)
    indicator = Indicator(spec=fleet.spec, kind="vibration", span=3, baseline=5)
    state = Window(spec=fleet.spec, cleaner=Cleaner(spec=fleet.spec))
    for _ in range(40):
        for message in fleet.advance():
            state.add(message)
        ratio = indicator.update(state.close(fleet.now))
    expected = (1 + fleet.wear - fleet.rates) / (1 + 3.5 * fleet.rates)
    np.testing.assert_allclose(ratio[:3], expected, rtol=0.1)
    assert np.isnan(ratio[3])


def test_an_indicator_of_a_kind_that_is_not_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="sound"):
        Indicator(spec=toy_spec(), kind="sound", span=3, baseline=5)


def test_the_threshold_is_retuned_below_the_level_at_which_assets_fail() -> None:
    fleet = ToyFleet(3, rate=0.1)
    policy = ConditionBased(spec=fleet.spec, threshold=100.0, enough=5, baseline=5)
    state = Window(spec=fleet.spec, cleaner=Cleaner(spec=fleet.spec))
    for _ in range(1500):
        for message in fleet.advance():
            state.add(message)
        state.close(fleet.now)
        state.final()
        for action in policy.act(state, forecaster(0.0)):
            fleet.apply(action)
    # Assets fail at vibration 11, some 9 times their level in the first ticks of a life.
    assert 4.0 < policy.threshold < 9.0
    failures = fleet.failures
    for _ in range(500):
        for message in fleet.advance():
            state.add(message)
        state.close(fleet.now)
        state.final()
        for action in policy.act(state, forecaster(0.0)):
            fleet.apply(action)
    assert fleet.failures - failures <= 1
