"""The same crossing, demand and plan in SUMO, for a comparison side by side.

Needs the extra `sumo` (eclipse-sumo from the package index); `available` tells whether it is there. SUMO runs as a program
of its own: its libraries are built against another Arrow than ours.
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

from sim.streams import generator_of

LENGTH, SPEED = 500.0, 13.89
YELLOW, ALL_RED = 3, 2
APPROACHES = {"n": (0, LENGTH), "s": (0, -LENGTH), "e": (LENGTH, 0), "w": (-LENGTH, 0)}
OPPOSITE = {"n": "s", "s": "n", "e": "w", "w": "e"}


def available() -> bool:
    """Whether SUMO is installed."""
    return find_spec("sumo") is not None


def _home() -> Path:
    if not available():
        raise ValueError("case = sumo_crossing: SUMO is not installed; pip install 'tandem[sumo]' brings it")
    import sumo

    return Path(sumo.SUMO_HOME)


def poisson(seed: int, rates: Mapping[str, float], horizon: float) -> list[tuple[float, str]]:
    """(time, approach) of every vehicle that comes until `horizon` (s), in order. rates: veh/h by approach."""
    arrivals: list[tuple[float, str]] = []
    for name, rate in rates.items():
        gaps = generator_of(seed, f"sumo.{name}").standard_exponential(int(horizon * rate / 3600.0 * 1.5) + 100)
        times = np.cumsum(gaps * 3600.0 / rate)
        arrivals += [(float(time), name) for time in times[times < horizon]]
    return sorted(arrivals)


def time_loss(
    arrivals: Sequence[tuple[float, str]], greens: tuple[float, float], *, warm: float, control: str = "static", seed: int = 0
) -> float:
    """Mean of SUMO's timeLoss, s/veh, over the vehicles that depart after `warm` and arrive.

    greens: seconds of displayed green, north-south and east-west. control: `static`, `actuated` or `delay_based`, the
    last two between 5 and 60 s of green. Raises ValueError where SUMO is missing or fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "net.net.xml").write_bytes(_network())
        (folder / "routes.rou.xml").write_text(_routes(arrivals), encoding="utf-8")
        (folder / "plan.add.xml").write_text(_plan(greens, control), encoding="utf-8")
        _call(
            "sumo", "-n", "net.net.xml", "-r", "routes.rou.xml", "-a", "plan.add.xml", "--tripinfo-output", "trips.xml",
            "--seed", str(seed), "--no-step-log", "--time-to-teleport", "-1", "--end", str(int(arrivals[-1][0])),
            cwd=folder,
        )  # fmt: skip
        trips = ElementTree.parse(folder / "trips.xml").getroot()
    found = [float(trip.get("timeLoss", "nan")) for trip in trips if float(trip.get("depart", "0")) >= warm]
    return float(np.mean(found))


@lru_cache(maxsize=1)
def _network() -> bytes:
    nodes = ['<node id="c" x="0" y="0" type="traffic_light" tl="c"/>']
    nodes += [f'<node id="{name}" x="{x}" y="{y}" type="priority"/>' for name, (x, y) in APPROACHES.items()]
    edges = [
        f'<edge id="{name}_c" from="{name}" to="c" numLanes="1" speed="{SPEED}"/>'
        f'<edge id="c_{name}" from="c" to="{name}" numLanes="1" speed="{SPEED}"/>'
        for name in APPROACHES
    ]
    ways = [
        f'<connection from="{name}_c" to="c_{OPPOSITE[name]}" fromLane="0" toLane="0"/>' for name in APPROACHES
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for kind, rows in (("nodes", nodes), ("edges", edges), ("connections", ways)):
            (folder / f"{kind}.xml").write_text(f"<{kind}>{''.join(rows)}</{kind}>", encoding="utf-8")
        _call(
            "netconvert", "-n", "nodes.xml", "-e", "edges.xml", "-x", "connections.xml", "-o", "net.xml",
            "--no-turnarounds", "true", cwd=folder,
        )  # fmt: skip
        return (folder / "net.xml").read_bytes()


def _links() -> list[str]:
    """The approach of each of the signal's links, in SUMO's order."""
    root = ElementTree.fromstring(_network())
    found = {
        int(way.get("linkIndex", "-1")): str(way.get("from"))[0] for way in root.iter("connection") if way.get("tl")
    }
    return [found[index] for index in sorted(found)]


def _plan(greens: tuple[float, float], control: str) -> str:
    links, phases = _links(), []
    for axis, green in zip(("ns", "ew"), greens, strict=True):
        bounds = "" if control == "static" else ' minDur="5" maxDur="60"'
        for state, seconds, own in (("G", green, bounds), ("y", YELLOW, ""), ("r", ALL_RED, "")):
            signals = "".join(state if link in axis else "r" for link in links)
            phases.append(f'<phase duration="{seconds:.3f}" state="{signals}"{own}/>')
    logic = f'<tlLogic id="c" type="{control}" programID="plan" offset="0">{"".join(phases)}</tlLogic>'
    return f"<additional>{logic}</additional>"


def _routes(arrivals: Sequence[tuple[float, str]]) -> str:
    routes = [f'<route id="{name}" edges="{name}_c c_{OPPOSITE[name]}"/>' for name in APPROACHES]
    vehicles = [
        f'<vehicle id="{number}" depart="{time:.2f}" route="{name}" departSpeed="max" departLane="best"/>'
        for number, (time, name) in enumerate(arrivals)
    ]
    return f"<routes>{''.join(routes)}{''.join(vehicles)}</routes>"


def _call(program: str, *arguments: str, cwd: Path) -> None:
    command = [str(_home() / "bin" / program), *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ValueError(f"{program} failed: {last}")
