"""SUMO as a program: the crossing's network, plan and routes as its files, and the trips that it writes.

Needs the extra `sumo` (eclipse-sumo from the package index). SUMO runs as a program of its own: its library is built
against another Arrow than ours.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from sim.engine.streams import generator_of
from sim.road.demand import BLOCK
from twin.lab.extras import how_to_install

LENGTH = 500.0  # m, of each approach


SPEED = 13.89  # m/s: 50 km/h


STEP = 1.0  # s, of SUMO


YELLOW = 3  # s


ALL_RED = 2  # s


APPROACHES = {"n": (0, LENGTH), "s": (0, -LENGTH), "e": (LENGTH, 0), "w": (-LENGTH, 0)}


OPPOSITE = {"n": "s", "s": "n", "e": "w", "w": "e"}


def available() -> bool:
    """Whether SUMO is installed."""
    return find_spec("sumo") is not None


def home() -> Path:
    """Folder of the SUMO program. Raises ValueError where it is not installed."""
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
    command = [str(home() / "bin" / program), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ValueError(f"{program} failed: {last}")
