"""A signal: stages that take turns, by a fixed plan, by local actuation, or as asked from outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sim.engine.checks import known, number
from sim.engine.instant import STRIKES
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.streams import Stream
from sim.road.detector import Detector
from sim.road.lanes import Lanes

GREEN, YELLOW, RED = 0, 1, 2
SCAN = 1.0  # s between two looks at the detectors, once the minimum green is over
SMOOTH = 0.25  # most that a green is stretched or cut to come back into step with its offset
STAGE = ("lanes", "min_green", "max_green", "split", "pedestrians", "walk")


class SignalStage:
    """Lanes that have green together, and what their green must keep to. Times in seconds.

    min_green, max_green: the least green, and the most under actuation. split: its weight among the stages' greens,
    made to sum to 1 at first. calls: time between two pedestrians; a green that answers one lasts at least `walk`.
    """

    def __init__(
        self,
        *,
        name: str,
        lanes: Sequence[Lanes],
        detectors: Sequence[Detector],
        calls: Stream,
        min_green: float,
        max_green: float,
        split: float,
        walk: float,
    ) -> None:
        self.name, self.lanes, self.detectors, self.calls = name, tuple(lanes), tuple(detectors), calls
        self.min_green = number(f"{name}.min_green", min_green, low=1)
        self.max_green = number(f"{name}.max_green", max_green, low=self.min_green)
        self.split = number(f"{name}.split", split, above=0)
        self.walk = number(f"{name}.walk", walk, low=0)
        self.call = math.inf  # when the next pedestrian pushes the button
        self.green_seconds = 0.0
        self.greens = 0


class TrafficSignal(Component):
    """The controller of one crossing.

    Plan: stage k's green ends where the cycle, counted from `offset`, says; after a change it comes back into step by
    greens at most a quarter longer or shorter. With `extension` > 0 (s) the stages are actuated: a green goes on
    from its minimum to at most its maximum for as long as one of its detectors sees a vehicle that would be at the
    stop line within the extension (gap-out); no stage is skipped. A stage that is asked for comes as soon as the
    running one has had its minimum green, and stays until another is asked for or `hold` seconds have passed.
    In between are `yellow` and `all_red` seconds. While the controller is dark everyone stops and goes by turns.
    drift: s by which the controller's clock is late.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        stages: Sequence[SignalStage],
        cycle: float,
        offset: float,
        yellow: float,
        all_red: float,
        hold: float,
        extension: float = 0.0,
    ) -> None:
        super().__init__(kernel, name)
        self.stages = tuple(stages)
        self.cycle = number(f"{name}.cycle", cycle, above=0)
        self.offset = number(f"{name}.offset", offset)
        self.yellow = number(f"{name}.yellow", yellow, low=0)
        self.all_red = number(f"{name}.all_red", all_red, low=0)
        self.hold = number(f"{name}.hold", hold, above=0)
        self.extension = number(f"{name}.extension", extension, low=0)
        self.drift = 0.0
        self.dark = self.frozen = False
        self.current, self.phase = 0, GREEN
        self.began = 0.0
        self.least = 0.0  # green of this stage, s
        self._asked, self._until = -1, -math.inf
        self._next = 0
        self._timer = Timer(kernel, self._step, STRIKES)
        for stage in self.stages:
            stage.call = stage.calls.draw() if stage.walk else math.inf
            for lanes in stage.lanes:
                lanes.closes = -math.inf
        self._start(0)

    @property
    def intergreen(self) -> float:
        return self.yellow + self.all_red

    @property
    def green(self) -> bool:
        """Whether a stage has green."""
        return self.phase == GREEN

    @property
    def following(self) -> int:
        """The stage that comes next, where that is settled; else -1."""
        if self.phase != GREEN:
            return self._next
        asked = self.kernel._now < self._until and self._asked != self.current
        return self._asked if asked else -1

    @property
    def onset(self) -> float:
        """When the next green begins, s; nan during one."""
        if self.phase == GREEN:
            return math.nan
        return self._timer.time + (self.all_red if self.phase == YELLOW else 0.0)

    def greens(self) -> list[float]:
        """Seconds of green of each stage in the plan; the cycle is made longer where the minimum greens need it."""
        total = sum(stage.split for stage in self.stages)
        room = self.cycle - len(self.stages) * self.intergreen
        return [max(room * stage.split / total, stage.min_green) for stage in self.stages]

    # Commands

    def ask(self, stage: int) -> None:
        """Serve this stage next and stay there, for at most `hold` seconds unless asked again."""
        self._asked, self._until = stage, self.kernel._now + self.hold
        if self.phase == GREEN:
            self._reconsider()

    def withdraw(self, stage: int) -> None:
        """Go back to the plan, if this stage was asked for."""
        if self._asked == stage:
            self._until = -math.inf
            if self.phase == GREEN:
                self._reconsider()

    def change(self, **values: float) -> None:
        """New cycle, offset or extension."""
        self.__dict__.update(values)
        if self.phase == GREEN:
            self._reconsider()

    # The state machine

    def _start(self, index: int) -> None:
        stage, now = self.stages[index], self.kernel._now
        self.current, self.phase, self.began = index, GREEN, now
        self.least = stage.min_green
        stage.greens += 1
        if now >= stage.call:
            self.least = max(self.least, stage.walk)
            stage.call = now + stage.calls.draw()
        for lanes in stage.lanes:
            if lanes.closes < math.inf:  # else it is green already, in the stage before too
                lanes.open()
        self._reconsider()

    def _reconsider(self) -> None:
        """When is this green to be looked at again?"""
        if self.frozen or self.dark:
            self._timer.cancel()
            return
        now = self.kernel._now
        self._timer.set(max(self._planned_end() - now, 0.0))

    def _planned_end(self) -> float:
        """The earliest time at which this green may end, as things stand."""
        now, stage = self.kernel._now, self.stages[self.current]
        least = self.began + self.least
        if now < self._until:
            return self._until if self._asked == self.current else least
        if self.extension > 0:
            return least
        return max(self._coordinated_end(stage), least)

    def _coordinated_end(self, stage: SignalStage) -> float:
        greens = self.greens()
        length = sum(greens) + len(greens) * self.intergreen
        end = sum(greens[: self.current + 1]) + self.current * self.intergreen + self.offset + self.drift
        nominal = greens[self.current]
        gap = (end - self.began - nominal) % length
        gap = gap - length if gap > length / 2 else gap
        return self.began + nominal + min(max(gap, -SMOOTH * nominal), SMOOTH * nominal)

    def _step(self) -> None:
        if self.phase == GREEN:
            self._consider_end()
        elif self.phase == YELLOW:
            self.phase = RED
            self._timer.set(self.all_red)
        else:
            self._start(self._next)

    def _consider_end(self) -> None:
        now, stage = self.kernel._now, self.stages[self.current]
        if self._planned_end() > now + 1e-9:
            self._reconsider()
        elif now < self._until:
            self._end(self._asked)
        elif self.extension > 0 and now < self.began + stage.max_green - 1e-9 and self._extended(stage):
            self._timer.set(min(SCAN, self.began + stage.max_green - now))
        elif len(self.stages) == 1:
            self.began = now
            self._timer.set(max(stage.max_green, SCAN))
        else:
            self._end((self.current + 1) % len(self.stages))

    def _extended(self, stage: SignalStage) -> bool:
        return any(detector.sees(self.extension) for detector in stage.detectors)

    def _end(self, following: int) -> None:
        stage = self.stages[self.current]
        self._next, self.phase = following, YELLOW
        stage.green_seconds += self.kernel._now - self.began
        for lanes in stage.lanes:
            if lanes not in self.stages[following].lanes:
                lanes.close()
        self._timer.set(self.yellow)

    # Faults

    def black_out(self) -> None:
        """The signal goes dark: every approach is an all-way stop."""
        self.dark = True
        self._timer.cancel()
        for lanes in self._every():
            lanes.link.dark = True
            lanes.link.narrow()
            lanes.open()

    def freeze(self) -> None:
        """The controller stays in its stage whatever the plan says."""
        self.frozen = True
        if self.phase != GREEN:
            self._start(self._next)
        self._timer.cancel()

    def recover(self) -> None:
        """Repaired: all red, then the first stage."""
        was_dark, self.dark, self.frozen = self.dark, False, False
        if was_dark:
            for lanes in self._every():
                lanes.link.dark = False
                lanes.link.narrow()
        for lanes in self._every() if was_dark else self.stages[self.current].lanes:
            lanes.close()
        self._next, self.phase = 0, YELLOW
        self._timer.set(self.yellow)

    def _every(self) -> list[Lanes]:
        return [lanes for stage in self.stages for lanes in stage.lanes]

    def reseed(self, seed: int) -> None:
        """Other pedestrians from now on; a Poisson process has no memory."""
        for stage in self.stages:
            stage.calls.reseed(seed)
            stage.call = self.kernel._now + stage.calls.draw() if stage.walk else math.inf


def check_stage(name: str, fields: dict[str, Any]) -> None:
    """Raises ValueError for an unknown key of a stage."""
    known(f"stage {name}", fields, STAGE)
