"""From messages to frames: what the twin knows of the plant, on the grid of ticks.

Tick k covers (k-1, k] x spec.tick seconds. At a decision, tick k's frame holds what has arrived of it by then. A tick
is *closed* `grace` ticks later: only then are its values final and released as truths; what comes still later is
counted and dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim import contract
from sim.contract import Action, Event, Message, PlantSpec
from twin.checks import whole
from twin.forecast import Floats, Plan
from twin.layout import Layout
from twin.sensing.cleaning import Cleaner
from twin.sensing.inbox import Inbox
from twin.sensing.lives import UP, Lives
from twin.sensing.spans import spans
from twin.state import SavedFields, State, columns, records

ENDS_AN_ORDER = (contract.MAINTENANCE_STARTED, contract.MAINTAINED, contract.FAILED)


@dataclass(frozen=True, slots=True)
class Frame:
    """One tick as the twin knows it at the decision.

    value: [assets, slots] mean reading, or a counter's rate per tick, of the newest tick of which something arrived
    since the last frame: this one, or one before where readings came after its decision; NaN where nothing did. spread:
    max - min of that tick. staleness: [assets, slots] ticks since the slot was last observed. total: [assets, slots] a
    counter's last reading. up: [assets]. age: [assets] ticks since renewal. idle: [assets] ticks since the asset went
    down. setpoints: [assets, setpoints] in force, as far as the plant has confirmed them.
    """

    tick: int
    time: float
    value: Floats
    spread: Floats
    staleness: Floats
    total: Floats
    up: NDArray[np.bool_]
    age: Floats
    idle: Floats
    setpoints: Floats


@dataclass(slots=True)
class _Tick:
    """Readings of one open tick: sums per signal."""

    size: int
    count: Floats = field(init=False)
    sum: Floats = field(init=False)
    low: Floats = field(init=False)
    high: Floats = field(init=False)
    last: Floats = field(init=False)
    last_time: Floats = field(init=False)

    def __post_init__(self) -> None:
        nothing = np.repeat([[0.0], [0.0], [np.inf], [-np.inf], [np.nan], [-np.inf]], self.size, axis=1)
        self.count, self.sum, self.low, self.high, self.last, self.last_time = nothing

    def add(self, signals: NDArray[np.intp], times: Floats, values: Floats) -> None:
        """Readings sorted by signal and time."""
        starts, ends = spans(signals)
        which = signals[starts]
        self.count[which] += ends - starts + 1
        self.sum[which] += np.add.reduceat(values, starts)
        self.low[which] = np.minimum(self.low[which], np.minimum.reduceat(values, starts))
        self.high[which] = np.maximum(self.high[which], np.maximum.reduceat(values, starts))
        newer = times[ends] >= self.last_time[which]
        latest = ends[newer]
        self.last[which[newer]] = values[latest]
        self.last_time[which[newer]] = times[latest]


class Window(SavedFields):
    """Messages in, frames out; the lives of the assets beside them.

    grace: ticks to wait for late readings before a tick is final. Raises ValueError where it is negative.
    """

    STATE_FIELDS = (
        "inbox",
        "cleaner",
        "setpoints",
        "ordered",
        "now",
        "late_readings",
        "_closed",
        "_counter",
        "_counter_time",
        "_seen",
    )

    def __init__(self, *, spec: PlantSpec, cleaner: Cleaner, grace: int = 1) -> None:
        whole("Window", 0, grace=grace)
        self.spec, self.layout, self.grace = spec, Layout(spec), grace
        self.lives, self.inbox, self.cleaner = Lives(spec), Inbox(), cleaner
        self.setpoints = self.layout.setpoint_bounds()[2]
        self.ordered: Floats = np.full(len(spec.assets), -np.inf)
        self.now = 0.0
        self.late_readings = 0
        self.delivered_events: list[tuple[Event, float]] = []
        self._readings: list[Message] = []
        self._events: list[Event] = []
        self._open: dict[int, _Tick] = {}
        self._counts = self.layout.cumulative[self.layout.signal_slot]  # [signals] whether it is a counter
        self._closed = 0
        self._counter: Floats = np.full(len(spec.signals), np.nan)
        self._counter_time: Floats = np.full(len(spec.signals), np.nan)
        self._seen: NDArray[np.int64] = np.zeros(len(spec.signals), dtype=np.int64)
        self.frames: deque[Frame] = deque(maxlen=2 + grace)

    @property
    def tick(self) -> int:
        """Number of the tick that ends now."""
        return round(self.now / self.spec.tick)

    @property
    def frame(self) -> Frame:
        """The newest frame."""
        return self.frames[-1]

    def add(self, message: Message) -> None:
        """Take a delivered message; a duplicate is dropped."""
        if self.inbox.accept(message):
            if len(message.values):
                self._readings.append(message)
            for event in message.events:
                self._events.append(event)
                self.delivered_events.append((event, message.arrived))

    def close(self, now: float) -> Frame:
        """Make the frame of the tick that ends at `now` from all that has arrived."""
        self.now = now
        self._sums_of(self.tick)
        self._take_events()
        self._take_readings()
        frame = self._make_frame()
        self.frames.append(frame)
        return frame

    def final(self) -> tuple[int, Floats, Floats] | None:
        """The tick that closes now: (tick, mean of each gauge, last reading of each counter), [assets, slots].

        None while no tick is old enough. Every tick is returned once, in order.
        """
        due = self.tick - self.grace
        if due <= self._closed:
            return None
        self._closed = due
        sums = self._open.pop(due, None)
        if sums is None:
            nothing = np.full(self.layout.table.shape, np.nan)
            return due, nothing, nothing.copy()
        mean = np.divide(sums.sum, sums.count, out=np.full(sums.size, np.nan), where=sums.count > 0)
        return due, self._grid(mean), self._grid(sums.last)

    def hold(self) -> Plan:
        """The plan to go on as now: no work order, the setpoints as they are."""
        return Plan("hold", np.full(len(self.spec.assets), np.inf), self.setpoints.copy())

    def intend(self, actions: Sequence[Action]) -> Plan:
        """The plan that `actions`, taken now, amount to."""
        plan = self.hold()
        for action in actions:
            actuator = self.spec.actuators[self.spec.actuator_index[action.actuator]]
            asset = self.spec.asset_index[actuator.asset]
            if actuator.kind == "work_order":
                plan = plan.with_order(asset)
            else:
                plan = plan.with_setpoint(asset, self.layout.setpoints.index(actuator.name), action.value)
        return plan

    def counts(self) -> dict[str, float]:
        """Counts of messages and readings by how they were handled."""
        return {
            "messages_accepted": self.inbox.accepted,
            "messages_duplicate": self.inbox.duplicates,
            "messages_reordered": self.inbox.reordered,
            "messages_missing": self.inbox.missing,
            "readings_late": self.late_readings,
            "readings_out_of_range": self.cleaner.out_of_range,
            "readings_stuck": self.cleaner.stuck,
            "events_contradictory": self.lives.contradictions,
        }

    def state(self) -> State:
        """See twin.state.Stateful. Raises ValueError between a message's arrival and its tick's end."""
        if self._readings or self._events or self.delivered_events:
            raise ValueError(
                "Window.state: messages have arrived since the tick was closed, or its events are not yet drained"
            )
        opened = {"ticks": list(self._open), "sums": columns(self._open.values())}
        return super().state() | {"lives": self.lives.saved(), "frames": columns(self.frames), "open": opened}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self.lives.load(state["lives"])
        self.frames.extend(records(Frame, state["frames"]))
        self._open = dict(zip(state["open"]["ticks"], records(_Tick, state["open"]["sums"]), strict=True))

    def _take_events(self) -> None:
        self.lives.observe(self._events)
        for event in self._events:
            if event.kind in (contract.COMMAND_APPLIED, contract.COMMAND_LATE):
                self._confirm(event)
            elif event.kind in ENDS_AN_ORDER and event.asset in self.spec.asset_index:
                self.ordered[self.spec.asset_index[event.asset]] = -np.inf
        self._events.clear()

    def _confirm(self, event: Event) -> None:
        index = self.spec.actuator_index.get(event.detail)
        if event.kind == contract.COMMAND_APPLIED and index is not None:
            for asset, slot in np.argwhere(self.layout.setpoint_table == index):
                self.setpoints[asset, slot] = event.value

    def _take_readings(self) -> None:
        if not self._readings:
            return
        signals = np.concatenate([m.signals for m in self._readings]).astype(np.intp)
        times = np.concatenate([m.times for m in self._readings])
        values = np.concatenate([m.values for m in self._readings])
        self._readings.clear()
        order = np.lexsort((times, signals))
        signals, times, values = signals[order], times[order], values[order]
        usable, values = self.cleaner.clean(signals, values)
        if not usable.all():
            signals, times, values = signals[usable], times[usable], values[usable]
        ticks = np.ceil(times / self.spec.tick - 1e-9).astype(np.int64)
        for tick in sorted(set(ticks.tolist())):
            here = ticks == tick
            if tick <= self._closed:
                self.late_readings += int(np.count_nonzero(here))
            else:
                these = slice(None) if here.all() else here
                self._sums_of(tick).add(signals[these], times[these], values[these])

    def _sums_of(self, tick: int) -> _Tick:
        """Of a tick that is open, or opens now."""
        if tick not in self._open:
            self._open[tick] = _Tick(len(self.spec.signals))
        return self._open[tick]

    def _make_frame(self) -> Frame:
        mean, spread, last, last_time = self._news()
        value = np.where(self._counts, self._rates(last, last_time), mean)
        lives, up = self.lives, self.lives.state == UP
        return Frame(
            tick=self.tick,
            time=self.now,
            value=self._grid(value),
            spread=self._grid(spread),
            staleness=self.tick - self._grid(self._seen.astype(float)),
            total=self._grid(last),
            up=up,
            age=lives.age(self.now) / self.spec.tick,
            idle=np.where(up, 0.0, self.now - lives.since) / self.spec.tick,
            setpoints=self.setpoints.copy(),
        )

    def _news(self) -> Floats:
        """[4, signals] mean, spread, last and its time, each of the newest tick that no frame has shown; else NaN.

        Over a network that takes time, what is measured at a tick's very end arrives after its decision.
        """
        news = np.full((4, len(self.spec.signals)), np.nan)
        for tick, sums in sorted(self._open.items()):
            fresh = (sums.count > 0) & (tick > self._seen)
            if not fresh.any():
                continue
            self._seen[fresh] = tick
            news[0, fresh] = sums.sum[fresh] / sums.count[fresh]
            news[1:, fresh] = (sums.high - sums.low)[fresh], sums.last[fresh], sums.last_time[fresh]
        return news

    def _rates(self, last: Floats, last_time: Floats) -> Floats:
        """Counters' rates per tick since their previous reading, which may lie several ticks back."""
        elapsed = last_time - self._counter_time
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = np.where(elapsed > 0, (last - self._counter) / elapsed * self.spec.tick, np.nan)
        observed = np.isfinite(last)
        self._counter = np.where(observed, last, self._counter)
        self._counter_time = np.where(observed, last_time, self._counter_time)
        return rate

    def _grid(self, by_signal: Floats) -> Floats:
        padded = np.empty(len(by_signal) + 1)  # the last is for slots without a signal, -1 in the table
        padded[:-1], padded[-1] = by_signal, np.nan
        return padded[self.layout.table]
