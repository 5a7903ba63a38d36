"""The same crossing, demand and plan in SUMO, for a comparison side by side.

Needs the extra `sumo` (eclipse-sumo from the package index). SUMO runs as a program of its own: its library is built
against another Arrow than ours. SUMO's saturation flow and lost time depend on its step length (here a second);
they are measured in SUMO first, and the plant gets them.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from sim.engine.streams import generator_of
from sim.plants.traffic_network import TrafficNetwork
from sim.road.demand import BLOCK
from twin.lab.extras import how_to_install
from twin.lab.validate.cases.case import Case
from twin.lab.validate.cases.crossing import HORIZON, WARM, between, made
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import Number
from twin.lab.validate.theory.crossing import green

LENGTH, SPEED, STEP = 500.0, 13.89, 1.0
YELLOW, ALL_RED = 3, 2
SATURATED = 2400.0  # veh/h: more than any green can serve
APPROACHES = {"n": (0, LENGTH), "s": (0, -LENGTH), "e": (LENGTH, 0), "w": (-LENGTH, 0)}
OPPOSITE = {"n": "s", "s": "n", "e": "w", "w": "e"}


def available() -> bool:
    """Whether SUMO is installed."""
    return find_spec("sumo") is not None


def _home() -> Path:
    spec = find_spec("sumo")
    if spec is None or spec.origin is None:
        raise ValueError(f"case = sumo_crossing: SUMO is not installed; the extra 'sumo': {how_to_install('sumo')}")
    return Path(spec.origin).parent


def arrivals(seed: int, rates: Mapping[str, float], horizon: float) -> list[tuple[float, str]]:
    """(time, approach) of every vehicle until `horizon` (s): the very ones of the plant of that seed. rates: veh/h."""
    arrivals: list[tuple[float, str]] = []
    for name, rate in rates.items():
        time, block = 0.0, 0
        while time < horizon:
            gaps = generator_of(seed, f"{_entrance(name)}.demand#{block}").standard_exponential(BLOCK)
            times = time + np.cumsum(gaps) * (3600.0 / rate)
            arrivals += [(float(t), name) for t in times[times < horizon]]
            time, block = float(times[-1]), block + 1
    return sorted(arrivals)


def _entrance(name: str) -> str:
    """The plant's link for an approach."""
    return f"{ {'n': 'north', 's': 'south', 'e': 'east', 'w': 'west'}[name] }1_A1"


@dataclass(frozen=True, slots=True)
class Discharge:
    """What SUMO's vehicles do: saturation flow, veh/h; lost time per stage, s; s lost where every signal is green."""

    saturation: float
    lost: float
    friction: float


@lru_cache(maxsize=1)
def discharge() -> Discharge:
    """Measured in SUMO: vehicles served per cycle by two lengths of green under endless demand; a run without red."""
    short, long = 20.0, 60.0
    few, many = served(short), served(long)
    slope = (many - few) / (long - short)
    free = trips(arrivals(1, {"n": 400.0, "s": 400.0}, 3600.0), (86_400.0, 5.0))
    friction = float(np.mean([loss for _, _, loss in free]))
    return Discharge(3600.0 * slope, YELLOW + ALL_RED + short - few / slope, friction)


def served(seconds: float) -> float:
    """Vehicles per approach and cycle that a green of so many seconds serves when there are always more."""
    cycle = 2 * (YELLOW + ALL_RED) + seconds + 10.0
    endless = arrivals(1, {"n": SATURATED, "s": SATURATED}, 4500.0)
    done = np.array([end for _, end, _ in trips(endless, (seconds, 10.0))])
    first, last = np.ceil(900.0 / cycle), np.floor(4400.0 / cycle)
    inside = (done > first * cycle) & (done <= last * cycle)
    return float(inside.sum() / 2.0 / (last - first))


def trips(coming: Sequence[tuple[float, str]], greens: tuple[float, float]) -> list[tuple[float, float, float]]:
    """(depart, arrival, timeLoss), s, of every vehicle that is through when the last one comes.

    greens: seconds of displayed green, north-south and east-west. Raises ValueError where SUMO is missing or fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "net.xml").write_bytes(_network())
        (folder / "routes.xml").write_text(_routes(coming), encoding="utf-8")
        (folder / "plan.xml").write_text(_plan(greens), encoding="utf-8")
        _call(
            "sumo",
            "-n",
            "net.xml",
            "-r",
            "routes.xml",
            "-a",
            "plan.xml",
            "--tripinfo-output",
            "trips.xml",
            "--step-length",
            str(STEP),
            "--no-step-log",
            "--time-to-teleport",
            "-1",
            "--end",
            str(int(coming[-1][0])),
            cwd=folder,
        )
        rows = ElementTree.parse(folder / "trips.xml").getroot()
    return [(float(r.get("depart", 0)), float(r.get("arrival", 0)), float(r.get("timeLoss", 0))) for r in rows]


@dataclass(frozen=True)
class SideBySide:
    """One replication of both, vehicle for vehicle: mean time loss of the plant over that of SUMO."""

    ns: float
    ew: float
    cycle: float

    def __call__(self, seed: int) -> dict[str, float]:
        rates = {"n": self.ns, "s": self.ns, "e": self.ew, "w": self.ew}
        measured, every = discharge(), self.ns + self.ew
        shown = measured.lost - YELLOW - ALL_RED
        each = [green(flow, every, self.cycle, 2 * measured.lost) + shown for flow in (self.ns, self.ew)]
        north, east = (float(round(seconds)) for seconds in each)  # SUMO's phases last whole steps
        theirs = [loss for start, _, loss in trips(arrivals(seed, rates, HORIZON), (north, east)) if start >= WARM]
        grid = {
            "rows": 1,
            "columns": 1,
            "entry": LENGTH,
            "speed": SPEED,
            "flow": measured.saturation,
            "friction": measured.friction,
            "demand": {"ns": self.ns, "ew": self.ew},
            "cycle": north + east + 2.0 * (YELLOW + ALL_RED),
            "splits": {"ns": north, "ew": east},
        }
        control = {"yellow": YELLOW, "all_red": ALL_RED, "startup": 2.0 + shown, "yellow_used": 2.0}
        plant = made(seed, grid=grid, control=control, tick=HORIZON, sample=HORIZON)
        ours = measured.friction + between(plant, WARM, HORIZON, partial(_advance, plant))
        return {"time loss, plant / SUMO": ours / float(np.mean(theirs))}


def _advance(plant: TrafficNetwork, until: float) -> None:
    plant.advance(until)


def side_by_side(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Within 8 %, as a share of SUMO's."""
    _home()
    run = SideBySide(values["ns"], values["ew"], values["cycle"])
    return [Check("sumo_crossing", values, "", (Target("time loss, plant / SUMO", 1.0, 0.08),), run, precision)]


@lru_cache(maxsize=1)
def _network() -> bytes:
    nodes = ['<node id="c" x="0" y="0" type="traffic_light" tl="c"/>']
    nodes += [f'<node id="{name}" x="{x}" y="{y}" type="priority"/>' for name, (x, y) in APPROACHES.items()]
    edges = [
        f'<edge id="{name}_c" from="{name}" to="c" numLanes="1" speed="{SPEED}"/>'
        f'<edge id="c_{name}" from="c" to="{name}" numLanes="1" speed="{SPEED}"/>'
        for name in APPROACHES
    ]
    ways = [f'<connection from="{name}_c" to="c_{OPPOSITE[name]}" fromLane="0" toLane="0"/>' for name in APPROACHES]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for kind, rows in (("nodes", nodes), ("edges", edges), ("connections", ways)):
            (folder / f"{kind}.xml").write_text(f"<{kind}>{''.join(rows)}</{kind}>", encoding="utf-8")
        _call(
            "netconvert",
            "-n",
            "nodes.xml",
            "-e",
            "edges.xml",
            "-x",
            "connections.xml",
            "-o",
            "net.xml",
            "--no-turnarounds",
            "true",
            cwd=folder,
        )
        return (folder / "net.xml").read_bytes()


def _links() -> list[str]:
    """The approach of each of the signal's links, in SUMO's order."""
    root = ElementTree.fromstring(_network())
    links = {
        int(way.get("linkIndex", "-1")): str(way.get("from"))[0] for way in root.iter("connection") if way.get("tl")
    }
    return [links[index] for index in sorted(links)]


def _plan(greens: tuple[float, float]) -> str:
    links, phases = _links(), []
    for axis, shown in zip(("ns", "ew"), greens, strict=True):
        for state, seconds in (("G", shown), ("y", float(YELLOW)), ("r", float(ALL_RED))):
            signals = "".join(state if link in axis else "r" for link in links)
            phases.append(f'<phase duration="{seconds:.3f}" state="{signals}"/>')
    logic = f'<tlLogic id="c" type="static" programID="plan" offset="0">{"".join(phases)}</tlLogic>'
    return f"<additional>{logic}</additional>"


def _routes(coming: Sequence[tuple[float, str]]) -> str:
    routes = ['<vType id="DEFAULT_VEHTYPE" speedDev="0"/>']
    routes += [f'<route id="{name}" edges="{name}_c c_{OPPOSITE[name]}"/>' for name in APPROACHES]
    vehicles = [
        f'<vehicle id="{number}" depart="{time:.2f}" route="{name}" departSpeed="max" departLane="best"/>'
        for number, (time, name) in enumerate(coming)
    ]
    return f"<routes>{''.join(routes)}{''.join(vehicles)}</routes>"


def _call(program: str, *arguments: str, cwd: Path) -> None:
    command = [str(_home() / "bin" / program), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ValueError(f"{program} failed: {last}")


CASES = (
    Case(
        "sumo_crossing",
        "the same vehicles and the same plan in SUMO (extra `sumo`), side by side",
        (Number("ns", above=0.0), Number("ew", above=0.0), Number("cycle", low=30.0, high=300.0)),
        ({"ns": 480.0, "ew": 720.0, "cycle": 60.0}, {"ns": 480.0, "ew": 720.0, "cycle": 90.0}),
        side_by_side,
        ready=available,
    ),
)
