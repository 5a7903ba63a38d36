"""What limits a road network so far: the crossing at which vehicles lose most time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.contract import Bottleneck
from sim.road.link import RoadLink
from sim.road.roads import Roads

CANDIDATES, APPROACHES = 2, 3  # crossings, approaches of each
OF = "all delay in the network"
RELIEF = "saturation flow there"


def limits(roads: Roads) -> list[Bottleneck]:
    """The critical crossings: those with the largest shares of all control delay; none where nobody was delayed."""
    total = sum(link.delay for link in roads.links.values())
    lost = {name: sum(link.delay for link in own) for name, own in _approaches(roads).items()}
    worst = sorted((name for name in lost if lost[name] > 0), key=lambda name: -lost[name])[:CANDIDATES]
    return [Bottleneck(name, (name,), lost[name] / total, OF, _parts(roads, name, total), RELIEF) for name in worst]


def _parts(roads: Roads, crossing: str, total: float) -> dict[str, float]:
    """Shares of the approaches on which most time is lost."""
    worst = sorted(_approaches(roads)[crossing], key=lambda link: -link.delay)[:APPROACHES]
    return {f"approach {link.name}": link.delay / total for link in worst}


def widen(roads: Roads, crossings: Sequence[str], share: float) -> None:
    """More saturation flow on all approaches of these crossings."""
    for name in crossings:
        for link in _approaches(roads)[name]:
            for lanes in link.lanes:
                lanes.flow *= 1.0 + share
            link.narrow()


def _approaches(roads: Roads) -> Mapping[str, list[RoadLink]]:
    """Links that end at each signal, each once."""
    found = {}
    for name, signal in roads.signals.items():
        served = (link for stage in signal.stages for link in roads.served[stage.name])
        found[name] = [roads.links[link] for link in dict.fromkeys(served)]
    return found
