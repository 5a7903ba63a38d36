"""tandem bench saving RUN ... [baseline=self_consumption] [trust=MODULE] [json=FILE]

Of runs whose plant has a battery (a study's directory): each arm's cost per day by seed, that of the linear programme
with perfect foresight and no wear, which is a lower bound, J (the mean cost beyond that bound), and the share of the
saving from the baseline to the bound which the arm captures. trust=: the module of a plant of yours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from twin.lab.bench.options import show
from twin.lab.bench.saving import savings
from twin.lab.compare.arms import arms, find, read
from twin.lab.configure.trust import trusted_modules
from twin.lab.draw.words import percent
from twin.lab.errors import UserError

OPTIONS = ("baseline", "trust", "json")
TAKES_RUNS = True


def measure(options: Mapping[str, str], *runs: str) -> list[dict[str, Any]]:
    """A row for each arm and for the bound, cheapest first."""
    if not runs:
        raise UserError("bench saving takes run directories, or directories of runs; see tandem bench saving --help")
    trust = trusted_modules(options.get("trust"))
    try:
        rows = savings(arms([read(path) for path in find(runs)]), options.get("baseline", "self_consumption"), trust)
    except ValueError as error:
        raise UserError(str(error)) from None
    table = Table("arm", "EUR/day by seed", "J", "share of the saving", box=None)
    for row in rows:
        table.add_row(
            row.arm, ", ".join(f"{cost:.1f}" for cost in row.costs.values()), f"{row.loss:.1f}", percent(row.share, 0)
        )
    show(table)
    return [{"name": row.arm, "value": row.share, "loss": row.loss, "costs": dict(row.costs)} for row in rows]
