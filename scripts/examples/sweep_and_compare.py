"""A sweep and its comparison from Python: two policies on the same seeds, paired. python sweep_and_compare.py [DAYS
[SEEDS]]

On the command line: tandem run -m policy=run_to_failure,age_based 'seed=range(5)' days=10; tandem compare runs/...
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from twin.lab import run
from twin.lab.jobs import compare

days = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 5

rows, paths = [], []
for policy in ("run_to_failure", "age_based"):
    for seed in range(seeds):
        out = Path("runs/sweep_and_compare") / f"{policy}_seed{seed}"
        done = run("manufacturing", policy=policy, surrogate="ewma", seed=seed, days=days, report=False, out=out)
        rows.append({"policy": policy, "seed": seed, "profit": done.kpis["profit_per_hour"]})
        paths.append(str(out))

# Under one seed both policies meet the same luck, so differences are taken seed by seed.
profit = pd.DataFrame(rows).pivot(index="seed", columns="policy", values="profit")
difference = profit.age_based - profit.run_to_failure
error = difference.std(ddof=1) / np.sqrt(seeds)
print(profit.round(1).to_string())
print(f"age_based - run_to_failure: {difference.mean():+.1f} EUR/h, standard error {error:.1f}")

# The same by the command, with intervals and tests; to=comparison would write a page, tables and figures too.
compare.main(paths)
