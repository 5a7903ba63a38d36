"""A plant and its twin from Python: step them, ask what-ifs, fork the plant, run to the end, read the tables.

python scripts/examples/quickstart.py [DAYS]
"""

import sys

from twin.lab import make, run, step, what_if

days = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0

# Side by side, tick by tick (a tick is ten minutes).
plant, twin = make("manufacturing", seed=0, policy="predictive", surrogate="linear")
for _ in range(round(days * 144)):
    turn = step(plant, twin)
    for action in turn.actions:
        print(f"{turn.now / 3600:6.1f} h  {action.actuator} = {action.value:g}: {action.reason}")

# What does the twin expect if the mill is slowed down, or renewed now? Asking changes nothing.
plans = {"go on": {}, "slow mill": {"mill_1.speed": 0.8}, "renew mill": {"mill_1.maintain": 0}}
answers = what_if(twin, plans)
vibration = answers[(answers.target == "vibration") & (answers.asset == "mill_1") & (answers.ticks == 36)]
print(vibration[["plan", "q05", "q50", "q95", "failure"]].to_string(index=False))

# What really happens if it is slowed down? A fork of the plant answers; the plant itself goes on as before.
copy = plant.fork()
copy.advance(plant.now + 6 * 3600)
print(f"in six hours, left alone: {copy.kpis()['good_parts']:.0f} good parts (now {plant.kpis()['good_parts']:.0f})")

# A whole run, recorded under runs/ as `tandem run` records it.
done = run("manufacturing", days=days, policy="age_based", surrogate="ewma", report=False)
print(f"{done.path}: profit {done.kpis['profit_per_hour']:.1f} EUR/h")
print(done.events[done.events.source == "plant"].groupby("kind").size().to_string())
