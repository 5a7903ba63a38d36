"""What a site's spec says of its economics and limits, as tasks of the site's programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.contract import PlantSpec
from twin.forecast import Floats
from twin.lab.core.privileged.foresight import Foresight
from twin.lab.core.privileged.site_programme import SiteTask
from twin.policies.storage.site import StorageSite
from twin.units import DAY, HOUR

MONTH = 30 * DAY  # s: the billing period where the grid's nameplate has none


@dataclass(frozen=True, slots=True)
class SiteModel:
    """A site as built. Raises ValueError for a plant without a battery.

    slack: s that the jobs of each load may wait, by name. fuel_price: currency per kWh of the generator at rated power,
    the least that it can cost. generator: kW, 0 for none.
    """

    site: StorageSite
    slack: dict[str, float]
    generator: float
    fuel_price: float
    import_limit: float
    export_limit: float
    period: float

    @classmethod
    def of(cls, spec: PlantSpec) -> SiteModel:
        """From assets' types and nameplates, actuators and prices."""
        plates = {asset.type: asset.nameplate for asset in spec.assets}
        grid, generator = plates.get("grid", {}), plates.get("generator", {})
        return cls(
            site=StorageSite(spec=spec),
            slack={a.asset: a.high * HOUR for a in spec.actuators if a.name == "defer"},
            generator=generator.get("rated", 0.0),
            fuel_price=generator.get("cost", 0.0),
            import_limit=grid.get("import_limit", np.inf),
            export_limit=grid.get("export_limit", np.inf),
            period=grid.get("peak_period", MONTH),
        )

    def task(self, ahead: Foresight, *, stored: float) -> SiteTask:
        """The task of the ticks `ahead`, nothing of it waiting and no peak yet."""
        spec, steps = self.site.spec, len(ahead)
        price, export_price = self.site.prices(ahead.begin, steps)
        jobs = {name: series for name, series in ahead.wanted.items() if name in self.slack}
        hours, prices = spec.tick / HOUR, spec.objective.prices
        nothing = np.zeros(steps)
        most_waiting = sum((self.most_waiting(name, series) for name, series in jobs.items()), nothing)
        return SiteTask(
            hours=hours,
            net=ahead.net - sum(jobs.values(), nothing),
            wanted=sum(ahead.wanted.values(), np.concatenate([[0.0], most_waiting[:-1]]) / hours),
            price=price,
            export_price=export_price,
            connected=ahead.connected,
            arrivals=sum(jobs.values(), nothing) * hours,
            most_waiting=most_waiting,
            period=np.floor((ahead.begin + spec.tick * np.arange(steps)) / self.period + 1e-9).astype(np.int64),
            storage=self.site.storage,
            stored=stored,
            floor=nothing,
            import_limit=self.import_limit,
            export_limit=self.export_limit,
            generator=np.full(steps, self.generator),
            fuel_price=self.fuel_price,
            unserved_price=prices.get("unserved", 0.0),
            peak_price=prices.get("peak", 0.0),
        )

    def most_waiting(self, name: str, drawn: Floats) -> Floats:
        """[ticks] kWh of a load's jobs that may wait at each tick's end. drawn: [ticks] kW where none waits.

        A job that waits w draws what it would have drawn w earlier: at most what was to be drawn in the last `slack`.
        """
        spec = self.site.spec
        ticks = int(np.ceil(self.slack[name] / spec.tick - 1e-9))
        total = np.cumsum(drawn) * spec.tick / HOUR
        result: Floats = total - np.concatenate([np.zeros(ticks), total])[: len(total)]
        return result
