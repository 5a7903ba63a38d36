"""Repairs and planned work on one station: the order, the spare part, the technician, the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim import contract
from sim.engine.distribution import Distribution
from sim.engine.instant import ATTENDS, ENDS
from sim.engine.kernel import Component, Kernel, Timer
from sim.line.failure_mode import FailureMode
from sim.line.failure_modes import Failures
from sim.line.machine import MAINTENANCE
from sim.line.roles import Maintained, Opportunist
from sim.line.standing_plan import StandingPlan
from sim.maintenance.crew import Crew
from sim.maintenance.dispatcher import Dispatcher
from sim.maintenance.spares import Spares
from sim.telemetry.journal import Journal


@dataclass(frozen=True, slots=True)
class Maintenance:
    """How long work on a station takes (distributions in seconds), what a job costs and what it takes.

    preventive: None where there is no planned work. corrective: None where each failure mode has a repair of its own.
    skill: of the technician, "" for any. interrupts: planned work may stop a cycle in progress, whose rest is done
    afterwards; otherwise it waits for the cycle's end. A cycle that would begin at the very time does not begin.
    """

    preventive: Distribution | None = None
    corrective: Distribution | None = None
    preventive_cost: float = 0.0
    corrective_cost: float = 0.0
    skill: str = ""
    interrupts: bool = False


class StationUpkeep(Component):
    """Looks after one station. failed, maintained: jobs by kind; cost: of all of them, in EUR, from a failure or the
    beginning of planned work on.

    Planned work waits for a spare part, then for a technician, while the station goes on, then for the end of the
    cycle. A failure meanwhile turns it into a repair, which does for both unless the mode is minor.
    priority: higher is served first by the crews. turn: the station's, see sim.engine.instant.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        station: Maintained,
        maintenance: Maintenance,
        journal: Journal,
        dispatcher: Dispatcher | None = None,
        spares: Spares | None = None,
        priority: float = 0.0,
        turn: float = 0.0,
    ) -> None:
        super().__init__(kernel, name)
        self._station, self.maintenance, self._journal = station, maintenance, journal
        self._dispatcher, self._spares, self.priority = dispatcher, spares, priority
        self.failures: Failures | None = None
        self.plan: StandingPlan | None = None
        self.others: Sequence[Opportunist] = ()  # plans that take the opportunity when this station is out of service
        self.failed = self.maintained = 0
        self.cost = 0.0
        self.failures_by_mode: dict[str, int] = {}
        self._waited, self._job_begun = 0.0, 0.0
        self._waits_since: float | None = None  # when it failed, until its repair begins
        self.ordered = self.attended = self._supplied = self._awaits_spare = False
        self._mode: FailureMode | None = None
        self._crew: Crew | None = None
        self._left_at = 0.0
        self._job = Timer(kernel, self._end_of_job, ENDS + turn)
        self._way = Timer(kernel, self.attend, ATTENDS + turn)

    @property
    def renews(self) -> bool:
        """Whether planned work on the station can be ordered."""
        return self.maintenance.preventive is not None

    def order(self) -> str:
        """Order planned work from outside. Returns why it is refused, or an empty string."""
        station = self._station
        if not self.renews:
            return "the station has no planned work"
        if station.out_of_service:
            return f"the station is {station.state_name}"
        if self.ordered:
            return "it is ordered already"
        self.ordered = True
        self.kernel.soon(self._ask)  # after the order itself is on record
        return ""

    def _ask(self) -> None:
        if not self._station.out_of_service:
            self._call(corrective=False)

    def fall_due(self) -> None:
        """The standing plan orders planned work, unless it is ordered or under way."""
        if not self.ordered and not self._station.out_of_service:
            self.ordered = True
            self._call(corrective=False)

    def fail(self, name: str, mode: FailureMode | None) -> None:
        """The station has just gone down; mode: None for its wear."""
        self.failed += 1
        self._waits_since, self._mode = self.kernel._now, mode
        cost = mode.cost if mode is not None else None
        self.cost += self.maintenance.corrective_cost if cost is None else cost
        self.failures_by_mode[name] = self.failures_by_mode.get(name, 0) + 1
        self._journal.note(self._station.name, contract.FAILED, name)
        if self._crew is not None and not self._crew.can(self._skill()):
            self._send_away()
        if self.attended:  # someone is here for planned work already
            self._begin_repair()
        elif self._crew is None:
            if self._dispatcher is not None and self.ordered:
                self._dispatcher.withdraw(self)
            self._call(corrective=True)
        self._tell()

    @property
    def waited(self) -> float:
        """Seconds between failures and their repairs so far, of one that still waits too."""
        return self._waited + (self.kernel._now - self._waits_since if self._waits_since is not None else 0.0)

    @property
    def _minor_stop(self) -> bool:
        return self._station.down and self._mode is not None and self._mode.minor

    @property
    def _takes_spare(self) -> bool:
        """Whether the repair that is due takes a spare part."""
        return self._mode is None or self._mode.spare

    def _skill(self) -> str:
        skill = self._mode.skill if self._mode is not None else None
        return self.maintenance.skill if skill is None else skill

    def _call(self, *, corrective: bool) -> None:
        """For a spare part, where the job needs one, then for a technician."""
        if self._spares is not None and not self._supplied and (self._takes_spare or not corrective):
            if not self._awaits_spare:
                self._awaits_spare = True
                self._spares.request(self)
        elif self._dispatcher is not None:
            skill = self._skill() if corrective else self.maintenance.skill
            self._dispatcher.request(self, corrective=corrective, skill=skill)
        else:
            self._way.set(0.0)

    def supply(self) -> None:
        """A spare part has come."""
        self._supplied, self._awaits_spare = True, False
        down = self._station.down
        if self._crew is None and (self._takes_spare if down else self.ordered):
            self._call(corrective=down)

    def assign(self, crew: Crew) -> None:
        """Somebody of this crew sets out."""
        self._crew, self._left_at = crew, self.kernel._now
        if crew.travel is None:
            self.attend()
        else:
            self._way.set(crew.way_to(self._station.name).at(self._number))

    def _send_away(self) -> None:
        crew, self._crew, self.attended = self._crew, None, False
        self._way.cancel()
        self._station.unhold()
        if crew is not None:
            crew.release()

    def attend(self) -> None:
        """A technician has come."""
        self.attended = True
        station = self._station
        if station.down:
            self._begin_repair()
        elif not station.busy:
            self._begin_maintenance()
        elif self.maintenance.interrupts or station.fresh:
            station.interrupt()
            self._begin_maintenance()
        else:
            station.held = True

    def end_of_cycle(self) -> None:
        """The station's cycle is over: work that waited for it begins."""
        if self.attended:
            self._begin_maintenance()

    def _begin_repair(self) -> None:
        self._waited, self._waits_since = self.waited, None
        self._journal.note(self._station.name, contract.REPAIR_STARTED)
        self._start_job(self._repair())

    def _repair(self) -> Distribution:
        repair = self._mode.repair if self._mode is not None else None
        duration = self.maintenance.corrective if repair is None else repair
        assert duration is not None, "the constructor of the line sees to it"
        return duration

    def _begin_maintenance(self) -> None:
        self._station.stop(MAINTENANCE)
        self.cost += self.maintenance.preventive_cost
        self._journal.note(self._station.name, contract.MAINTENANCE_STARTED)
        assert self.maintenance.preventive is not None, "only planned work that there is can be ordered"
        self._start_job(self.maintenance.preventive)
        self._tell()

    def _tell(self) -> None:
        for plan in self.others:
            plan.opportunity()

    def _start_job(self, duration: Distribution) -> None:
        """A job's time is drawn by the number of the life, so that one policy's luck is the other's."""
        self._station.unhold()
        self._job_begun = self.kernel._now
        self._job.set(duration.stream.at(self._number))

    @property
    def _number(self) -> int:
        """Of the life that the job ends."""
        wear = self._station.wear
        if wear is not None:
            return wear.number
        return self.failed + self.maintained

    def _end_of_job(self) -> None:
        station, corrective, minor = self._station, self._station.down, self._minor_stop
        if corrective:
            self._journal.note(station.name, contract.REPAIRED)
        else:
            self.maintained += 1
            self._journal.note(station.name, contract.MAINTAINED)
        self._renew(corrective)
        if self._takes_spare or not corrective:
            self._supplied = False
        self._mode, self.attended = None, False
        crew, self._crew = self._crew, None
        self.ordered = self.ordered and minor
        if crew is not None:
            crew.release()
        station.resume()
        if minor and self.ordered and not station.out_of_service:  # the planned work is still to be done
            self._call(corrective=False)

    def _renew(self, corrective: bool) -> None:
        """A repair renews what failed, planned work everything; all but a minor stoppage restart the plan's age."""
        station, mode = self._station, self._mode
        if station.wear is not None and (mode is None or not corrective):
            station.wear.renew(perfect=corrective)
        if self.failures is not None and (mode is not None or not corrective):
            self.failures.renew(mode if corrective else None, station.worked)
        if self.plan is not None and not self._minor_stop:
            self.plan.renew()
        station.refresh()

    def reseed(self, seed: int) -> None:
        """Other jobs from here on; one in progress is drawn again given how long it has taken, a way as well."""
        planned = self.maintenance.preventive
        for each in (planned, self.maintenance.corrective):
            if each is not None:
                each.stream.reseed(seed)
        if self.failures is not None:
            self.failures.redraw(seed, self._station.worked)
            self._station.refresh()
        label = str(self.failed + self.maintained)
        if self._job.armed >= 0:
            duration = self._repair() if self._station.down or planned is None else planned
            elapsed = self.kernel._now - self._job_begun
            again = duration.stream.again(label, elapsed)
            if again is not None:
                self._job.set(again - elapsed)
        if self._way.armed >= 0 and self._crew is not None and self._crew.travel is not None:
            elapsed = self.kernel._now - self._left_at
            again = self._crew.way_to(self._station.name).again(label, elapsed)
            if again is not None:
                self._way.set(again - elapsed)
