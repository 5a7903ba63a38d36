"""When planned work is cheap: while others stand anyway, and before nobody will be there to do it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.contract import PlantSpec
from twin.forecast import Floats
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.units import DAY

TECHNICIANS = "technicians"  # kind of the schedules that tell who is on duty
FAR = 7 * DAY  # s that the calendar looks ahead


class Calendar:
    """Who is on duty, by the schedules known ahead.

    Where a plant tells of no shifts, its crew is always there. Times in s.
    """

    def __init__(self, *, spec: PlantSpec) -> None:
        self._shifts = [schedule for schedule in spec.known_future if schedule.kind == TECHNICIANS]
        without_shifts = spec.technicians - sum(max(shift.values) for shift in self._shifts)
        unknown = bool(self._shifts) and np.isinf(spec.technicians)  # what the shifts say is all that is known
        self._always = 0.0 if unknown else max(without_shifts, 0.0)

    def on_duty(self, time: float) -> float:
        """Technicians at a time; inf where the plant tells nothing of them."""
        return self._always + sum(shift.at(time) for shift in self._shifts)

    def until(self, time: float, *, there: bool) -> float:
        """Seconds until somebody (there) or nobody is on duty; inf where not within a week."""
        if not self._shifts or self._always:
            return 0.0 if there else np.inf
        ahead = 0.0
        while ahead < FAR:
            if (self.on_duty(time + ahead) > 0) == there:
                return ahead
            ahead += min(shift.until_change(time + ahead) for shift in self._shifts)
        return np.inf


class Occasions:
    """The share of its limit at which an asset's planned work is due now.

    join: the share that suffices while another asset stands and a technician is free (opportunistic maintenance, Radner
    & Jorgenson 1963; grouping, Wildeman, Dekker & Smit 1997); 1 for no grouping. dusk: the share that suffices within
    `dusk_ticks` of the time at which the last technician leaves; 1 for no difference. assets: [orders] index of each
    order's asset. Raises ValueError for shares outside (0, 1] and dusk_ticks < 1.
    """

    def __init__(
        self,
        *,
        spec: PlantSpec,
        assets: Sequence[int] | NDArray[np.intp],
        join: float,
        dusk: float,
        dusk_ticks: int = 18,
    ) -> None:
        for name, share in (("join", join), ("dusk", dusk)):
            if not 0 < share <= 1:
                raise ValueError(f"Occasions: {name} = {share}: must be > 0 and <= 1, a share of the limit")
        if dusk_ticks < 1:
            raise ValueError(f"Occasions: dusk_ticks = {dusk_ticks}: must be >= 1 tick")
        self.calendar = Calendar(spec=spec)
        self._assets = np.asarray(assets, dtype=np.intp)
        self._join, self._dusk, self._before = join, dusk, dusk_ticks * spec.tick

    def shares(self, window: Window) -> Floats:
        """[orders] share of the limit from which on work is due now."""
        share = 1.0
        if self._dusk < 1 and self.calendar.until(window.now, there=False) <= self._before:
            share = self._dusk
        if self._join < share and self.free(window) >= 1:
            standing = window.lives.state[self._assets] != UP
            others: Floats = standing.sum() - standing.astype(float)
            return np.where(others > 0, self._join, share)
        return np.full(len(self._assets), share)

    def free(self, window: Window) -> float:
        """Technicians on duty who have neither a job nor an order on its way, as far as the twin knows."""
        standing = window.lives.state[self._assets] != UP
        return self.calendar.on_duty(window.now) - float(standing.sum())
