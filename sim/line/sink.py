"""Where parts leave the line."""

from __future__ import annotations

from sim.engine.kernel import Kernel
from sim.line.buffer import Buffer
from sim.line.part import GOOD, Part
from sim.line.roles import Taker
from sim.line.work_in_process import WorkInProcess


class Sink(Buffer):
    """Takes every part; counts the good and, separately, the defective that no inspection found."""

    def __init__(self, *, kernel: Kernel, name: str, wip: WorkInProcess) -> None:
        super().__init__(kernel=kernel, name=name, capacity=0)
        self._wip = wip
        self.good = self.defective = 0

    def put(self, part: Part, station: Taker) -> bool:
        """Always takes the part."""
        if part[GOOD]:
            self.good += 1
        else:
            self.defective += 1
        self._wip.leave(self.kernel._now, part)
        return True

    @property
    def room(self) -> int:
        return 1_000_000_000
