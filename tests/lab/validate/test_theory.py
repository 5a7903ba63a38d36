"""The computed references against published figures, limits and other ways to the same number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from scipy.integrate import quad

from twin.lab.validate.theory import exponential_line, maintained_line, markov, queues, repairman, two_machines
from twin.lab.validate.theory.age_replacement import AgeReplacement
from twin.lab.validate.theory.maintained_line import MaintainedLine

LIKE = {"r1": 0.1, "p1": 0.01, "r2": 0.1, "p2": 0.01}


def gershwin(*, r1: float, p1: float, r2: float, p2: float, places: int) -> float:
    """Throughput from the closed form (Gershwin 1994, table 3.1), for four places and more."""
    d, f = r1 + r2 - r1 * r2, p1 + p2 - p1 * p2
    y1, y2 = (d - r1 * p2) / (f - p1 * r2), (d - p1 * r2) / (f - r1 * p2)
    x, n = y2 / y1, places
    share = {(k, a, b): x**k * y1**a * y2**b for k in range(2, n - 1) for a, b in product((0, 1), repeat=2)}
    share |= {(0, 0, 1): x * (d - r1 * p2) / (r1 * p2), (1, 0, 0): x, (1, 0, 1): x * y2}
    share |= {(1, 1, 1): x / p2 * (d - r1 * p2) / (f - r1 * p2), (n - 1, 0, 0): x ** (n - 1)}
    share |= {(n - 1, 1, 0): x ** (n - 1) * y1, (n - 1, 1, 1): x ** (n - 1) / p1 * (d - p1 * r2) / (f - p1 * r2)}
    share |= {(n, 1, 0): x ** (n - 1) * (d - p1 * r2) / (p1 * r2)}
    total = sum(share.values())
    return sum(p for (k, a, _), p in share.items() if a and k < n) / total


@pytest.mark.parametrize(("places", "known"), [(4, 0.840936), (10, 0.856175), (30, 0.878772)])
def test_two_deterministic_machines(places: int, known: float) -> None:
    assert two_machines.deterministic(**LIKE, places=places) == pytest.approx(known, abs=5e-7)


@pytest.mark.parametrize("places", [4, 5, 11])
@pytest.mark.parametrize(
    ("r1", "p1", "r2", "p2"), [(0.1, 0.01, 0.1, 0.01), (0.3, 0.05, 0.12, 0.02), (0.9, 0.4, 0.2, 0.1)]
)
def test_two_deterministic_machines_as_in_closed_form(r1: float, p1: float, r2: float, p2: float, places: int) -> None:
    reference = gershwin(r1=r1, p1=p1, r2=r2, p2=p2, places=places)
    assert two_machines.deterministic(r1=r1, p1=p1, r2=r2, p2=p2, places=places) == pytest.approx(reference, rel=1e-9)


@pytest.mark.parametrize(("places", "known"), [(4, 0.695386), (10, 0.785921)])
def test_two_exponential_machines(places: int, known: float) -> None:
    found = two_machines.exponential(mu1=1.0, mu2=1.0, **LIKE, places=places)
    assert found == pytest.approx(known, abs=5e-7)


def test_a_machine_that_nothing_hinders_puts_out_what_it_can() -> None:
    alone = 0.1 / 0.11
    assert two_machines.deterministic(r1=1.0, p1=1e-9, r2=0.1, p2=0.01, places=200) == pytest.approx(alone, rel=1e-6)
    fast = two_machines.exponential(mu1=50.0, r1=10.0, p1=1e-6, mu2=1.0, r2=0.1, p2=0.01, places=100)
    assert fast == pytest.approx(alone, rel=1e-6)


@pytest.mark.parametrize(
    ("rates", "places", "known"),
    [((1, 1, 1), 0, 0.564103), ((1, 1, 1), 1, 0.670466), ((1, 1, 1), 3, 0.776712), ((1, 0.9, 1.1), 2, 0.717120)],
)
def test_exponential_lines(rates: tuple[float, ...], places: int, known: float) -> None:
    assert exponential_line.throughput(rates, places) == pytest.approx(known, abs=5e-7)
    assert exponential_line.throughput(rates[::-1], places) == pytest.approx(known, abs=5e-7)  # reversibility


@pytest.mark.parametrize("places", [0, 1, 4, 17])
def test_two_exponential_stations(places: int) -> None:
    assert exponential_line.throughput((1.0, 1.0), places) == pytest.approx((places + 2) / (places + 3), rel=1e-12)
    assert exponential_line.throughput((0.7,), places) == 0.7


@pytest.mark.parametrize(
    ("given", "age", "cost", "alone"),
    [
        ((2, 1000, 1, 5), 510.655, 0.00408524, 0.00564190),
        ((2.5, 500, 100, 1000), 177.287, 0.950109, 2.254121),
        ((3, 200, 1, 10), 76.491, 0.0197468, 0.0559923),
    ],
)
def test_age_replacement(given: tuple[float, float, float, float], age: float, cost: float, alone: float) -> None:
    rule = AgeReplacement(*given)
    best = rule.best_age()
    assert best == pytest.approx(age, abs=5e-4)
    assert rule.rate(best) == pytest.approx(cost, rel=5e-6)
    assert rule.rate(math.inf) == pytest.approx(alone, rel=5e-6)
    assert rule.rate(best) < min(rule.rate(0.99 * best), rule.rate(1.01 * best))
    assert rule.work(best) == pytest.approx(quad(rule.survival, 0.0, best)[0], rel=1e-9)


def test_age_replacement_that_takes_time() -> None:
    rule = AgeReplacement(2.5, 500.0, 4.0, 20.0)
    assert rule.best_age() == pytest.approx(246.52, abs=5e-3)
    assert rule.unavailability(rule.best_age()) == pytest.approx(0.026950, abs=5e-7)
    assert rule.unavailability(math.inf) == pytest.approx(0.043138, abs=5e-7)


@pytest.mark.parametrize("given", [(1.0, 100.0, 1.0, 5.0), (0.7, 100.0, 1.0, 5.0), (2.0, 100.0, 5.0, 5.0)])
def test_where_nothing_is_gained_the_best_age_is_none(given: tuple[float, float, float, float]) -> None:
    assert AgeReplacement(*given).best_age() == math.inf


def test_queues() -> None:
    exact = queues.mm1k(arrivals=0.8, service=1.0, places=5)
    assert exact.blocking == pytest.approx(0.088819, abs=1e-6)
    assert (exact.throughput, exact.number) == pytest.approx((0.728944, 1.868332), abs=5e-7)
    balanced = queues.mm1k(arrivals=1.0, service=1.0, places=10)
    assert (balanced.blocking, balanced.throughput, balanced.number) == pytest.approx((1 / 11, 10 / 11, 5.0))
    assert queues.mmc_wait(arrivals=1.8, service=1.0, servers=2) == pytest.approx(4.263158, abs=5e-7)
    assert queues.mmc_wait(arrivals=4.0, service=1.0, servers=5) == pytest.approx(0.554113, abs=5e-7)
    waits = [queues.mg1_wait(arrivals=0.8, mean=1.0, cv2=cv2) for cv2 in (0.0, 0.5, 1.0)]
    assert waits == pytest.approx([2.0, 3.0, 4.0])
    assert queues.mmc_wait(arrivals=0.8, service=1.0, servers=1) == pytest.approx(waits[-1])


def test_machine_repairman() -> None:
    found = repairman.availability(machines=5, repairmen=1, fails=0.002, repairs=0.02)
    assert found == pytest.approx(0.872096, abs=5e-7)
    found = repairman.availability(machines=10, repairmen=1, fails=0.01, repairs=0.1)
    assert found == pytest.approx(0.785418, abs=5e-7)
    alone = repairman.availability(machines=7, repairmen=9, fails=0.01, repairs=0.1)
    assert alone == pytest.approx(0.1 / 0.11)


def test_one_machine_that_wears() -> None:
    worn = {"states": 5, "step": 0.1, "repair": 10.0, "preventive": 4.0}
    assert maintained_line.availability(**worn, threshold=None) == pytest.approx(0.8)  # type: ignore[arg-type]
    renewed = maintained_line.availability(**worn, threshold=3)  # type: ignore[arg-type]
    assert renewed == pytest.approx(0.8824, abs=5e-5)


WEAR = {"states": 5, "step": 0.1, "repair": 10.0, "preventive": 4.0}


@pytest.mark.parametrize(("threshold", "alone"), [(None, 40 / 50), (3, 30 / 34)])
@pytest.mark.parametrize("rates", [(40.0, 1.0), (1.0, 40.0)])
def test_a_much_faster_machine_leaves_the_other_as_if_alone(
    threshold: int | None, alone: float, rates: tuple[float, float]
) -> None:
    """But for what the fast one's own standstills take: it is renewed as often, by parts, and a buffer covers them."""
    line = MaintainedLine(mu=rates, places=120, threshold=threshold, technicians=2, **WEAR)  # type: ignore[arg-type]
    assert line.solve()[0] == pytest.approx(alone, rel=2e-3)


def test_two_maintained_machines_by_hand() -> None:
    """No buffer, no wear to speak of: the throughput of two reliable stations; and the shared technician costs some."""
    line = MaintainedLine(
        mu=(1.0, 1.0), places=0, states=2, step=1e-9, repair=1.0, preventive=1.0, threshold=None, technicians=1
    )
    assert line.solve() == pytest.approx((2 / 3, 1.0))
    shared, two = (
        MaintainedLine(mu=(1.0, 1.0), places=2, threshold=3, technicians=n, **WEAR).solve()  # type: ignore[arg-type]
        for n in (1, 2)
    )
    assert shared[0] < two[0]
    assert shared[1] < two[1]


def test_a_chain_is_solved_on_the_states_it_ends_up_in() -> None:
    def moves(state: int) -> Iterator[tuple[int, float]]:
        yield from {0: [(1, 1.0)], 1: [(2, 2.0)], 2: [(1, 6.0), (2, 9.0)]}[state]

    assert markov.stationary(0, moves) == pytest.approx({1: 0.75, 2: 0.25})


def test_a_chain_that_splits_is_refused() -> None:
    def moves(state: int) -> Iterator[tuple[int, float]]:
        yield from [(1, 1.0), (2, 1.0)] if state == 0 else []

    with pytest.raises(ValueError, match="one of 2 classes"):
        markov.stationary(0, moves)


def test_a_chain_without_end_is_refused() -> None:
    def moves(state: int) -> Iterator[tuple[int, float]]:
        yield state + 1, 1.0

    with pytest.raises(ValueError, match="more than 200,000 states"):
        markov.stationary(0, moves)


def test_birth_and_death_at_extreme_rates() -> None:
    shares = markov.birth_death([1e-8] * 2000, [1e8] * 2000)
    assert shares[0] == pytest.approx(1.0)
    assert np.all(np.isfinite(shares))
