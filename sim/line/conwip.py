"""Constant work in process (CONWIP): a part enters only when a card is free (Spearman, Woodruff & Hopp 1990)."""

from __future__ import annotations

from sim.engine.checks import integer
from sim.engine.kernel import Component, Kernel
from sim.line.roles import Feed


class ConwipCards(Component):
    """`limit` cards for the sources that share them; a part carries one from entry until it leaves the line."""

    def __init__(self, *, kernel: Kernel, name: str, limit: int) -> None:
        super().__init__(kernel, name)
        self.limit = integer(name, limit, low=1)
        self.out = 0
        self._waiting: list[Feed] = []

    @property
    def free(self) -> int:
        return self.limit - self.out

    def wait(self, source: Feed) -> None:
        """The source is called when a card comes back."""
        if source not in self._waiting:
            self._waiting.append(source)

    def give_back(self) -> None:
        """A part has left."""
        self.out -= 1
        self.call()

    def call(self) -> None:
        """Where a card is free, call the source whose turn it is and that has a part and somebody to take it."""
        for source in self._waiting if self.free > 0 else ():
            if source.let_in():
                self._waiting.remove(source)
                self._waiting.append(source)
                return
