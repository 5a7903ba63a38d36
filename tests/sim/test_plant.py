"""What every simulated plant does: the roles of its components are declared, not guessed."""

from __future__ import annotations

from sim.contract import Asset, Objective, Plant, PlantSpec, Signal, Silenceable, Truth
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.streams import Stream
from sim.plant import Reseedable, SimulatedPlant


class Die(Component):
    """Thrown once a second; draws, so it can be reseeded; reports, so it can be silenced."""

    def __init__(self, *, kernel: Kernel, name: str, seed: int) -> None:
        super().__init__(kernel, name)
        self.stream, self.throws, self.sum = Stream(seed, name), 0, 0.0
        self.timer, self.silent = Timer(kernel, self.throw), False
        self.timer.set(1.0)

    def throw(self) -> None:
        self.timer.set(1.0)
        self.sum += float(self.stream.at(self.throws))
        self.throws += 1

    def reseed(self, seed: int) -> None:
        self.stream.reseed(seed)

    def silence(self) -> None:
        self.silent = True


class Table(Component):
    """Neither draws nor reports."""


class Game(SimulatedPlant):
    def __init__(self, *, seed: int) -> None:
        super().__init__(seed=seed)
        self.die, self.table = Die(kernel=self.kernel, name="die", seed=seed), Table(self.kernel, "table")
        signal = Signal("die", "sum", "sum", "", 1.0)
        self._open(PlantSpec((Asset("die", "die"),), (), (signal,), (), Objective("die.sum", "EUR"), 1.0), {})

    def figures(self) -> dict[str, float]:
        return {"sum": self.die.sum}

    def truth(self) -> Truth:
        return {"events_processed": self.kernel.processed}


def test_a_reseeded_fork_reseeds_who_draws() -> None:
    game = Game(seed=1)
    assert isinstance(game, Plant)
    assert isinstance(game.die, Reseedable)
    assert not isinstance(game.table, Reseedable)
    game.advance(3.0)
    same, other = game.fork(), game.fork(reseed=2)
    for plant in (game, same, other):
        plant.advance(6.0)
    assert game.kpis()["sum"] == same.kpis()["sum"] != other.kpis()["sum"]


def test_a_silenced_plant_silences_who_reports_and_nobody_else() -> None:
    game = Game(seed=1)
    assert isinstance(game, Silenceable)
    fork = game.fork()
    fork.silence()
    assert fork.die.silent
    assert not game.die.silent
