"""`step`: one tick of a plant and its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.lab.errors import UserError

if TYPE_CHECKING:
    from sim.contract import Plant
    from twin.lab.core.closed_loop import Turn
    from twin.twin import Twin


def step(plant: Plant, twin: Twin) -> Turn:
    """Run both to the end of the next tick: the plant advances, the twin observes and decides, its actions are applied.

    Returns the twin's turn: `now` (s), `messages`, `actions`, each with its reason, and the forecasts that came true.
    In four lines of one's own: plant.advance(now), twin.observe(message) for each, twin.decide(now),
    plant.apply(action). Raises UserError where the twin was made for another plant.

    >>> from twin.lab import make, step
    >>> plant, twin = make(surrogate="persistence", policy="run_to_failure")
    >>> step(plant, twin).now
    600.0
    """
    from twin.lab.core import closed_loop

    if plant.spec != twin.spec:
        raise UserError("step: the twin was made for another plant; take the two that one `make` returns, or a fork")
    tick = plant.spec.tick
    turn, _ = closed_loop.step(plant, twin, (round(plant.now / tick) + 1) * tick)
    return turn
