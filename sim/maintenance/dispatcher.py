"""Who of the crews goes to which job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.engine.instant import CALLS
from sim.engine.kernel import Component, Kernel, Timer
from sim.maintenance.client import Client
from sim.maintenance.crew import Crew


@dataclass(frozen=True, slots=True)
class Job:
    """What a station has asked for. skill: what it takes, "" for anybody."""

    serial: int
    client: Client
    corrective: bool
    skill: str

    def rank(self, corrective_first: bool) -> tuple[int, float, int]:
        """Lowest first."""
        return int(corrective_first and not self.corrective), -self.client.priority, self.serial


class Dispatcher(Component):
    """Sends the first crew that can and has somebody free; jobs wait where there is none.

    It decides when everybody has asked who asks at that time, and when those whose shift ends then have left: so that
    rank decides, and not who happened to ask first.
    """

    def __init__(self, *, kernel: Kernel, name: str, crews: Sequence[Crew]) -> None:
        super().__init__(kernel, name)
        self.crews = tuple(crews)
        self._waiting: list[Job] = []
        self._serial = 0
        for crew in crews:
            crew.on_free = self._consider
        self._timer = Timer(kernel, self.dispatch, CALLS)

    def request(self, client: Client, *, corrective: bool, skill: str) -> None:
        """Send someone as soon as there is someone: `client.assign` is called, at this same time where it can be."""
        self._serial += 1
        self._waiting.append(Job(self._serial, client, corrective, skill))
        self._consider()

    def withdraw(self, client: Client) -> None:
        """The station no longer needs what it asked for."""
        self._waiting = [job for job in self._waiting if job.client is not client]

    def _consider(self) -> None:
        """Somebody may be sent at the end of this instant."""
        if self._waiting and self._timer.armed < 0:
            self._timer.set(0.0)

    def dispatch(self) -> None:
        """Send whoever can be sent."""
        for crew in self.crews:
            while self._waiting and crew.free > 0:
                fit = [job for job in self._waiting if crew.can(job.skill)]
                if not fit:
                    break
                job = min(fit, key=lambda j: j.rank(crew.corrective_first))  # used at once
                self._waiting.remove(job)
                crew.go()
                job.client.assign(crew)
