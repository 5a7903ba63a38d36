import pytest

from sim import contract
from sim.contract import Event
from tests.twin.toy import toy_spec
from twin.sensing.lives import DOWN, MAINTENANCE, UP, Lives


@pytest.fixture
def lives() -> Lives:
    return Lives(toy_spec())


def event(time: float, kind: str, detail: str = "") -> Event:
    return Event(time, "pump_0", kind, detail)


def test_a_failed_life_names_its_mode_and_the_repair_begins_another(lives: Lives) -> None:
    lives.observe([event(100.0, contract.FAILED, "shock")])
    assert lives.state[0] == DOWN
    lives.observe([event(130.0, contract.REPAIRED)])
    assert lives.state[0] == UP
    assert lives.age(150.0)[0] == 20.0
    (life,) = lives.finished
    assert (life.mode, life.duration, life.failed) == (1, 100.0, True)


def test_a_maintained_life_is_censored(lives: Lives) -> None:
    lives.observe([event(50.0, contract.MAINTENANCE_STARTED)])
    assert lives.state[0] == MAINTENANCE
    lives.observe([event(60.0, contract.MAINTAINED)])
    assert not lives.finished[0].failed
    assert lives.failures.sum() == 0
    assert lives.maintained[0] == 1


def test_a_lost_failure_is_inferred_from_the_repair(lives: Lives) -> None:
    lives.observe([event(70.0, contract.REPAIR_STARTED)])
    lives.observe([event(90.0, contract.REPAIRED)])
    assert lives.finished[0].failed
    assert lives.renewed[0] == 90.0


def test_late_news_from_an_earlier_life_is_counted_not_believed(lives: Lives) -> None:
    lives.observe([event(90.0, contract.REPAIRED)])
    lives.observe([event(40.0, contract.FAILED)])
    assert lives.state[0] == UP
    assert lives.contradictions == 1


def test_the_constant_rate_is_that_of_the_pool_when_nothing_failed_here(lives: Lives) -> None:
    lives.observe([Event(1000.0, "pump_1", contract.FAILED), Event(1000.0, "pump_1", contract.REPAIRED)])
    rate = lives.constant_rate(2000.0)
    assert rate[1] > rate[0] > 0
