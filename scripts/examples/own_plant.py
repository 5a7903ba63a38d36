"""A plant of one's own: two pumps (see pump.py) under the same twin. python scripts/examples/own_plant.py [DAYS]"""

import sys

import numpy as np
from pump import CORRECTIVE, HOUR, MARGIN, PREVENTIVE, Pump

from sim.contract import Actuator, Asset, Objective, OrderCost, PlantSpec, Signal
from sim.plant import SimulatedPlant
from sim.telemetry.sensors import Sensor, SensorBank
from twin.lab import run

PUMPS = ("north", "south")


class PumpStation(SimulatedPlant):
    """SimulatedPlant brings the network, commands, forks and snapshots; spec, figures and truth are the plant's own."""

    def __init__(self, *, seed, network=None):
        super().__init__(seed=seed, network=network)
        own = {"kernel": self.kernel, "seed": seed}
        self.pumps = {name: Pump(name=name, journal=self._journal, **own) for name in PUMPS}
        self._open(_spec(), self.pumps)  # who carries out the commands for each asset
        sensors = [Sensor(key=s.key, noise=0.1 if s.kind == "vibration" else 0.0) for s in self.spec.signals]
        SensorBank(name="bank", period=60.0, sensors=sensors, signals=range(3), columns=range(3), subject=self, **own)

    def measure(self):
        """True values, in the order of the spec's signals; the sensor bank asks once a minute."""
        return np.array([*(pump.vibration() for pump in self.pumps.values()), self._profit()])

    report = SimulatedPlant.send_readings  # what the sensors read goes onto the uplink

    def figures(self):
        return {"profit_per_hour": self._profit() / max(self.now / HOUR, 1e-9)}

    def truth(self):
        seconds = {name: pump.seconds() for name, pump in self.pumps.items()}
        return {"events_processed": self.kernel.processed, "state_seconds": seconds}

    def _profit(self):
        return sum(pump.profit() for pump in self.pumps.values())


def _spec():
    """All that a twin may know beforehand."""
    signals = [Signal(name, "vibration", "vibration", "mm/s", 60.0, forecast=True) for name in PUMPS]
    signals.append(Signal("yard", "profit", "profit", "EUR", 60.0, cumulative=True, forecast=True))
    costs = [OrderCost(name, f"{name}.renew", PREVENTIVE, CORRECTIVE, HOUR, 10 * HOUR, MARGIN / HOUR) for name in PUMPS]
    objective = Objective("yard.profit", "EUR", orders=tuple(costs), figure="profit_per_hour")
    assets = (*(Asset(name, "pump") for name in PUMPS), Asset("yard", "site"))
    renewals = tuple(Actuator(name, "renew", "work_order", "", 0.0, 1.0, 0.0) for name in PUMPS)
    return PlantSpec(assets, (), tuple(signals), renewals, objective, tick=600.0, modes=("age",))


if __name__ == "__main__":
    days = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    for policy in ("run_to_failure", "condition_based", "age_based"):
        done = run(plant=PumpStation, policy=policy, surrogate="ewma", days=days, report=False)
        print(f"{policy:16s} {done.kpis['profit_per_hour']:6.1f} EUR/h of {len(PUMPS) * MARGIN:g}, {done.path}")
