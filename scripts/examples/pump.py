"""A machine for own_plant.py: it shakes more as it ages, fails, is repaired, and can be renewed before that."""

from sim.contract import FAILED, MAINTAINED, MAINTENANCE_STARTED, REPAIRED
from sim.engine.distribution import Distribution
from sim.engine.kernel import Component, Timer

HOUR = 3600.0  # s
MARGIN, PREVENTIVE, CORRECTIVE = 40.0, 100.0, 900.0  # EUR: per hour of pumping, per renewal, per repair
LIFE = {"law": "weibull", "mean": 48 * HOUR, "cv": 0.3}
ENDS = {"down": (REPAIRED, 10 * HOUR), "maintenance": (MAINTAINED, HOUR)}  # what ends a standstill, its length in s


class Pump(Component):
    """Lives by the calendar. All that changes is in its fields and its timer, so that the plant can be forked."""

    def __init__(self, *, kernel, name, seed, journal):
        super().__init__(kernel, name)
        self._journal, self._timer, self.cost = journal, Timer(kernel, self._end), 0.0
        self._lives = Distribution(LIFE, seed=seed, field=f"{name}.life")
        self._seconds, self._since, self.state = {"up": 0.0, **dict.fromkeys(ENDS, 0.0)}, 0.0, "up"
        self._enter("up")

    def _enter(self, state):
        self._seconds[self.state] += self.kernel.now - self._since
        self.state, self._since = state, self.kernel.now
        self._life = self._lives.draw() if state == "up" else None
        self._timer.set(self._life if state == "up" else ENDS[state][1])

    def _end(self):
        """The timer has run out: of a life, or of a standstill."""
        failed = self.state == "up"
        self._journal.note(self.name, FAILED if failed else ENDS[self.state][0], "age")
        self.cost += CORRECTIVE if failed else 0.0
        self._enter("down" if failed else "up")

    def command(self, actuator, value):
        """A work order has arrived. Returns why it is refused, or an empty string."""
        if self.state != "up":
            return "it stands still"
        self._journal.note(self.name, MAINTENANCE_STARTED)
        self.cost += PREVENTIVE
        self._enter("maintenance")
        return ""

    def seconds(self):
        """In each state so far."""
        return self._seconds | {self.state: self._seconds[self.state] + self.kernel.now - self._since}

    def vibration(self):
        """mm/s; none while it stands still."""
        return 1.0 + 3.0 * ((self.kernel.now - self._since) / self._life) ** 2 if self._life else float("nan")

    def profit(self):
        return self.seconds()["up"] / HOUR * MARGIN - self.cost

    def reseed(self, seed):
        """Other lives from the next one on: what a fork with another future needs."""
        self._lives.stream.reseed(seed)
