"""The hidden state of a site, by machine."""

from __future__ import annotations

from collections.abc import Sequence

from sim.contract import Truth
from sim.power.machine import PowerAsset
from sim.power.site import Site
from sim.telemetry.sensors import SensorBank
from sim.units import HOUR


class SiteTruth(Truth, total=False):
    """What a site shows the lab beside what every plant does. All by asset, but `gain` and `residual`.

    rate: of ageing in the present life. threshold: wear at which this life fails. age: exposure in this life. life: its
    number. gain: of each sensor, by signal key. residual: largest imbalance of any bus so far, kW. efficiency: of the
    battery, one way, share.
    """

    threshold: dict[str, float]
    age: dict[str, float]
    life: dict[str, int]
    gain: dict[str, float]
    residual: float
    efficiency: dict[str, float]


def site_truth(site: Site, machines: Sequence[PowerAsset], bank: SensorBank, processed: int) -> SiteTruth:
    """The hidden state now. processed: events so far."""
    site.accrue()
    aged = {m.name: m.ageing for m in machines if m.ageing is not None}
    for machine in machines:
        machine.accrue()
    hidden: SiteTruth = {
        "wear": {m.name: m.wear() for m in machines if m.ageing is not None},
        "rate": {name: ageing.rate for name, ageing in aged.items()},
        "wear_law": {name: ageing.law(site.kernel._now) for name, ageing in aged.items()},
        "threshold": {name: ageing.level for name, ageing in aged.items()},
        "age": {name: ageing.exposure for name, ageing in aged.items()},
        "life": {name: ageing.number for name, ageing in aged.items()},
        "gain": bank.gains(),
        "state": {m.name: m.state_name for m in machines},
        "state_seconds": {m.name: m.seconds_by_name() for m in machines},
        "net_energy": site.wish,
        "wanted": {load.name: load.energy + load.unserved for load in site.loads},
        "billed_peak": site.grid.peak,
        "outage_seconds": site.grid.outage_hours * HOUR,
        "residual": site.residual,
        "events_processed": processed,
    }
    if site.panels is not None:
        hidden["soiling"] = {site.panels.name: site.panels.soiling}
    if site.battery is not None:
        battery = site.battery
        hidden["stored"] = {battery.name: battery.energy}
        hidden["health"] = {battery.name: battery.health}
        hidden["efficiency"] = {battery.name: battery.one_way}
    return hidden
