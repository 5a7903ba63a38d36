"""From fields of links and signals to the components of a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.engine.checks import known, number
from sim.engine.kernel import Kernel
from sim.engine.streams import Stream
from sim.road.demand import DemandProfile, TrafficDemand
from sim.road.detector import Detector
from sim.road.lanes import Lanes
from sim.road.link import RoadLink
from sim.road.places import Places, places
from sim.road.signal import SignalStage, TrafficSignal
from sim.units import HOUR

LINK = ("length", "speed", "friction", "flow", "lanes", "to", "demand")
GROUP = ("lanes", "flow", "to")
SIGNAL = ("cycle", "offset", "extension", "stages")
STAGE = ("links", "split", "min_green", "max_green", "pedestrians", "walk")
# Seconds, see Lanes and TrafficSignal.
CONTROL = {"yellow": 3.0, "all_red": 2.0, "startup": 3.83, "yellow_used": 2.0, "hold": 60.0}


class Roads:
    """Links, signals, detectors, demand, wired up.

    links: name → length (m), speed (m/s), friction (s), flow (saturation, veh/h and lane), lanes, `to` (next link or
    `out` → share), demand (mean veh/h that enter here). `lanes` is a number, or group → {lanes, to, flow} for lanes
    that the signal serves apart. signals: name → cycle, offset, extension (s), stages. A signal's stages: name →
    links (a link, or `link.group`), split, min_green, max_green (s), pedestrians (calls per hour), walk (s). control:
    see CONTROL. scale: of all demands. miss: see Detector. Raises ValueError naming the field, its value and what is
    allowed.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        seed: int,
        links: Mapping[str, Mapping[str, Any]],
        signals: Mapping[str, Mapping[str, Any]],
        control: Mapping[str, float],
        profile: DemandProfile,
        scale: float,
        miss: float,
    ) -> None:
        if not links:
            raise ValueError("links = {}: must name at least one link")
        known("control", control, tuple(CONTROL))
        self._kernel, self._seed, self._fields = kernel, seed, links
        self._control = {k: number(f"control.{k}", control.get(k, usual), low=0) for k, usual in CONTROL.items()}
        self.links = {name: self._link(name, fields) for name, fields in links.items()}
        self.lanes: dict[str, Lanes] = {}
        self.ways: dict[str, list[str]] = {}
        for name, fields in links.items():
            self._serve(name, fields)
        self.detectors = {
            name: Detector(kernel=kernel, name=f"{name}_loop", seed=seed, link=link, miss=miss)
            for name, link in self.links.items()
        }
        self.served: dict[str, list[str]] = {}  # stage → links
        self.signals = {name: self._signal(name, fields) for name, fields in signals.items()}
        self.demands = [
            TrafficDemand(
                kernel=kernel,
                name=f"{name}.demand",
                seed=seed,
                link=self.links[name],
                profile=profile,
                rate=number(f"{name}.demand", fields["demand"], above=0) * scale,
            )
            for name, fields in links.items()
            if fields.get("demand")
        ]

    def places(self, grid: Mapping[str, Any] | None) -> Places:
        """Where signals and links lie, see sim.road.places. grid: that all of them come from, None for no grid."""
        served = {
            name: list(dict.fromkeys(link for stage in signal.stages for link in self.served[stage.name]))
            for name, signal in self.signals.items()
        }
        return places(grid, {name: (link.length, self.ways[name]) for name, link in self.links.items()}, served)

    def _link(self, name: str, fields: Mapping[str, Any]) -> RoadLink:
        known(f"link {name}", fields, LINK)
        if "." in name:
            raise ValueError(f"link {name!r}: a link's name has no dot")
        lanes = fields.get("lanes", 1)
        width = sum(group.get("lanes", 1) for group in lanes.values()) if isinstance(lanes, Mapping) else lanes
        return RoadLink(
            kernel=self._kernel,
            name=name,
            seed=self._seed,
            length=fields.get("length", 300.0),
            speed=fields.get("speed", 13.89),
            friction=fields.get("friction", 0.0),
            lanes=width,
        )

    def _serve(self, name: str, fields: Mapping[str, Any]) -> None:
        lanes = fields.get("lanes", 1)
        groups = lanes if isinstance(lanes, Mapping) else {"all": {"lanes": lanes, "to": fields.get("to")}}
        made, ways = [], []
        for group, described in groups.items():
            known(f"{name}.lanes.{group}", described, GROUP)
            flow = described.get("flow", fields.get("flow", 1900.0))
            key = f"{name}.{group}"
            self.lanes[key] = one = Lanes(
                kernel=self._kernel,
                name=key,
                seed=self._seed,
                link=self.links[name],
                lanes=described.get("lanes", 1),
                flow=flow,
                startup=self._control["startup"],
                yellow_used=self._control["yellow_used"],
            )
            made.append(one)
            for target, share in (described.get("to") or {"out": 1.0}).items():
                ways.append((one, self._target(name, target), number(f"{name}.to.{target}", share, low=0, high=1)))
        self.links[name].serve(made, ways)
        self.ways[name] = list(dict.fromkeys(target.name for _, target, share in ways if target is not None and share))

    def _target(self, name: str, target: str) -> RoadLink | None:
        if target == "out":
            return None
        if target not in self.links:
            raise ValueError(f"{name}.to = {target!r}: there is no such link; there are {', '.join(self.links)}, out")
        return self.links[target]

    def _signal(self, name: str, fields: Mapping[str, Any]) -> TrafficSignal:
        known(f"signal {name}", fields, SIGNAL)
        if not fields.get("stages"):
            raise ValueError(f"{name}.stages = {fields.get('stages')}: must name at least one stage")
        stages = [self._stage(f"{name}_{stage}", described) for stage, described in fields["stages"].items()]
        total = sum(stage.split for stage in stages)
        for stage in stages:
            stage.split /= total
        control = self._control
        return TrafficSignal(
            kernel=self._kernel,
            name=name,
            stages=stages,
            cycle=fields.get("cycle", 90.0),
            offset=fields.get("offset", 0.0),
            extension=fields.get("extension", 0.0),
            yellow=control["yellow"],
            all_red=control["all_red"],
            hold=control["hold"],
        )

    def _stage(self, name: str, fields: Mapping[str, Any]) -> SignalStage:
        known(f"stage {name}", fields, STAGE)
        lanes: list[Lanes] = []
        for served in fields.get("links") or ():
            matching = [one for key, one in self.lanes.items() if served in (key, key.rpartition(".")[0])]
            if not matching:
                raise ValueError(f"{name}.links = {served!r}: there is no such link or group of lanes")
            lanes += matching
        if not lanes:
            raise ValueError(f"{name}.links = {fields.get('links')}: must name at least one link")
        links = list(dict.fromkeys(one.link.name for one in lanes))
        self.served[name] = links
        pedestrians = number(f"{name}.pedestrians", fields.get("pedestrians", 0.0), low=0)
        return SignalStage(
            name=name,
            lanes=lanes,
            detectors=[self.detectors[link] for link in links],
            calls=Stream(self._seed, f"{name}.pedestrians", "exponential", (HOUR / max(pedestrians, 1e-6),)),
            min_green=fields.get("min_green", 5.0),
            max_green=fields.get("max_green", 60.0),
            split=fields.get("split", 1.0),
            walk=fields.get("walk", 0.0) if pedestrians else 0.0,
        )
