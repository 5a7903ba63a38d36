"""A signalised crossing against Webster's formula, against SUMO, and as a queue that is always open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any

import yaml

from sim.plants.traffic_network import TrafficNetwork
from twin.lab.validate.cases.case import Case
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import NumberParameter
from twin.lab.validate.theory.crossing import delay, green
from twin.policies.base import Policy
from twin.policies.crossings.delay_based import DelayBased
from twin.policies.crossings.webster import cycle_of
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

# The crossing that was measured in SUMO 1.28: saturation flow and lost time as SUMO's vehicles had them; friction is
# the time that they lose even where every signal is green.
SATURATION, LOST, INTERGREEN, FRICTION = 1998.0, 6.83, 5.0, 3.99
NS, EW = 480.0, 720.0
HORIZON, WARM = 5400.0, 900.0
LONG = WARM + 4 * 3600.0
# Control delay by cycle, and time loss, friction included, by plan.
SUMO_DELAY = {44.0: 26.1, 50.0: 21.8, 60.0: 20.0, 70.0: 20.8, 90.0: 23.0, 130.0: 29.3}
SUMO_LOSS = {"fixed 90 s 50/50": 31.3, "fixed 90 s in proportion": 27.4, "Webster 60 s": 24.0, "delay-based": 21.0}
DELAY = "control delay"
UNSTEADY = 300  # replications of the cycles whose degree of saturation makes an hour's mean vary by a seventh
MOST = 0.9  # degree of saturation: beyond it the formula's steady state takes longer than any peak lasts


@dataclass(frozen=True)
class Fixed:
    """One replication under a fixed plan: mean control delay, s/veh, of what passes from the warm-up to `horizon`."""

    ns: float = NS
    ew: float = EW
    cycle: float = 90.0
    even: bool = False
    horizon: float = HORIZON
    names: tuple[str, ...] = (DELAY,)

    def __call__(self, seed: int) -> dict[str, float]:
        plant = crossing(seed, ns=self.ns, ew=self.ew, cycle=self.cycle, even=self.even)
        return dict.fromkeys(self.names, between(plant, WARM, self.horizon, partial(_advance, plant)))


@dataclass(frozen=True)
class Plans:
    """One replication of each of SUMO's plans: time loss, s/veh."""

    def __call__(self, seed: int) -> dict[str, float]:
        webster = round(cycle_of(2 * LOST, (NS + EW) / SATURATION) / 10) * 10.0
        fixed = [Fixed(even=True), Fixed(), Fixed(cycle=webster)]
        losses = [run(seed)[DELAY] for run in fixed]
        losses.append(controlled(seed, partial(DelayBased, min_green=5.0, max_green=60.0)))
        return {name: FRICTION + value for name, value in zip(SUMO_LOSS, losses, strict=True)}


@dataclass(frozen=True)
class AlwaysGreen:
    """One replication of a stop line without a signal: mean wait, s."""

    load: float
    flow: float
    horizon: float

    def __call__(self, seed: int) -> dict[str, float]:
        links = {"road": {"length": 10_000.0, "speed": 100.0, "flow": self.flow, "demand": self.load * self.flow}}
        plant = made(seed, grid=None, links=links, tick=self.horizon, sample=self.horizon)
        return {"wait": between(plant, 0.1 * self.horizon, self.horizon, partial(_advance, plant))}


@lru_cache
def _configuration() -> dict[str, Any]:
    fields: dict[str, Any] = yaml.safe_load((files("conf") / "plant" / "crossing.yaml").read_text(encoding="utf-8"))
    return {key: value for key, value in fields.items() if key != "_target_"}


def made(seed: int, **changes: Any) -> TrafficNetwork:
    """The plant of conf/plant/crossing.yaml without wear, with these fields in place of its own."""
    return TrafficNetwork(seed=seed, **(_configuration() | {"wear": False} | changes))


def crossing(
    seed: int, *, ns: float = NS, ew: float = EW, cycle: float = 90.0, even: bool = False, **changes: Any
) -> TrafficNetwork:
    """The crossing of SUMO's set-up. even: half the green for each axis, else in proportion to the flows."""
    shown = LOST - INTERGREEN
    flows = {"ns": 1.0, "ew": 1.0} if even else {"ns": ns, "ew": ew}
    grid = _configuration()["grid"] | {
        "demand": {"ns": ns, "ew": ew},
        "cycle": cycle,
        "splits": {axis: green(flow, sum(flows.values()), cycle, 2 * LOST) + shown for axis, flow in flows.items()},
    }
    return made(seed, **({"grid": grid, "tick": HORIZON, "sample": HORIZON} | changes))


def between(plant: TrafficNetwork, warm: float, horizon: float, step: Callable[[float], None]) -> float:
    """Mean control delay, s/veh, of what passes between `warm` and `horizon`. step: brings the plant to a time."""
    step(warm)
    before = plant.figures()
    step(horizon)
    after = plant.figures()
    passed = after["link_traversals"] - before["link_traversals"]
    return 3600.0 * (after["delay_hours"] - before["delay_hours"]) / passed


def controlled(seed: int, make: Callable[..., Policy], *, tick: float = 1.0, **changes: Any) -> float:
    """Control delay of one replication under a policy that decides every second, without a twin's forecasts."""
    plant = crossing(seed, tick=tick, sample=tick, **changes)
    window = Window(spec=plant.spec, cleaner=Cleaner(spec=plant.spec))
    policy = make(spec=plant.spec)

    def step(until: float) -> None:
        for number in range(round(plant.now / tick) + 1, round(until / tick) + 1):
            for message in plant.advance(number * tick):
                window.add(message)
            window.close(number * tick)
            window.final()
            for action in policy.act(window, _no_forecast):
                plant.apply(action)

    return between(plant, WARM, HORIZON, step)


def _no_forecast(_: Any) -> Any:
    raise RuntimeError("this run has no twin to forecast with")


def _advance(plant: TrafficNetwork, until: float) -> None:
    plant.advance(until)


def webster(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Any demand and cycle; the formula is itself an approximation, so within 6 %."""
    ns, ew, cycle = values["ns"], values["ew"], values["cycle"]
    load = (ns + ew) / SATURATION / (1.0 - 2 * LOST / cycle)
    if not load <= MOST:
        raise ValueError(
            f"ns = {ns:g}, ew = {ew:g}, cycle = {cycle:g}: degree of saturation {load:.2f} must be <= {MOST}"
        )
    target = Target(DELAY, formula(ns, ew, cycle), 0.06)
    return [Check("webster", values, "", (target,), Fixed(ns=ns, ew=ew, cycle=cycle, horizon=LONG), precision)]


def formula(ns: float, ew: float, cycle: float) -> float:
    """Webster's delay of the whole crossing, s/veh."""
    share = partial(green, every=ns + ew, cycle=cycle, lost=2 * LOST)
    each = [flow * delay(flow=flow, green=share(flow), cycle=cycle, saturation=SATURATION) for flow in (ns, ew)]
    return sum(each) / (ns + ew)


def sumo_cycles(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """The cycles that were measured: within 6 % of SUMO, within 5 % of the formula."""
    cycle = values["cycle"]
    if cycle not in SUMO_DELAY:
        raise ValueError(f"cycle = {cycle:g}: was not measured; there are {', '.join(f'{c:g}' for c in SUMO_DELAY)}")
    sumo, webster_ = f"{DELAY}, SUMO", f"{DELAY}, Webster"
    targets = Target(sumo, SUMO_DELAY[cycle], 0.06), Target(webster_, formula(NS, EW, cycle), 0.05)
    run = Fixed(cycle=cycle, names=(sumo, webster_))
    return [Check("sumo_cycles", values, "", targets, run, precision, least=20 if cycle >= 60.0 else UNSTEADY)]


def sumo_plans(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Time loss of four plans, each within 8 %."""
    targets = tuple(Target(name, reference, 0.08) for name, reference in SUMO_LOSS.items())
    return [Check("sumo_plans", values, "", targets, Plans(), precision)]


def always_green(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Vehicles pass one by one at a constant headway: M/D/1."""
    load, flow = values["load"], values["flow"]
    reference = load * 3600.0 / flow / (2.0 * (1.0 - load))
    horizon = 3600.0 / flow * max(20_000.0, 500.0 / (1.0 - load) ** 2) / load
    return [
        Check("always_green", values, "", (Target("wait", reference),), AlwaysGreen(load, flow, horizon), precision)
    ]


CASES = (
    Case(
        "webster",
        "fixed-time crossing: Webster's three-term delay (Webster 1958)",
        (
            NumberParameter("ns", above=0.0),
            NumberParameter("ew", above=0.0),
            NumberParameter("cycle", low=30.0, high=300.0),
        ),
        tuple(
            {"ns": ns, "ew": ew, "cycle": cycle}
            for ns, ew, cycle in (
                (480.0, 720.0, 60.0),
                (300.0, 500.0, 40.0),
                (600.0, 800.0, 90.0),
                (200.0, 900.0, 60.0),
            )
        ),
        webster,
    ),
    Case(
        "sumo_cycles",
        "the crossing measured in SUMO, 480/720 veh/h, by cycle",
        (NumberParameter("cycle", above=0.0),),
        tuple({"cycle": cycle} for cycle in SUMO_DELAY),
        sumo_cycles,
        quick=False,
    ),
    Case("sumo_plans", "four plans measured in SUMO: time loss", (), ({},), sumo_plans, quick=False),
    Case(
        "always_green",
        "a stop line that is always open: M/D/1",
        (NumberParameter("load", above=0.0, high=0.95), NumberParameter("flow", above=0.0)),
        ({"load": 0.8, "flow": 1800.0}, {"load": 0.5, "flow": 1800.0}),
        always_green,
        precision=0.02,
    ),
)
