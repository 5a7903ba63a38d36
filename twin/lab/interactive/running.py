"""`run`: a whole run from Python, recorded as the command line records it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twin.lab.record.loading import Run


def run(scenario: str | None = None, *, out: str | Path | None = None, **choices: Any) -> Run:
    """Run a plant and its twin to the end and load what they leave: tables as DataFrames, figures as dicts.

    scenario and choices: as in `make`, with `days=`, `quick=True`, `report=False` and every other key of `tandem run`.
    out: the run's directory, which must be empty; None: one of its own under runs/. The same choices on the command
    line, with verdict=null since no practice is played here, give the same bytes, if numpy was loaded with
    OMP_NUM_THREADS=1 as there. An object of yours goes on from the state that it is in, and keeps what it learns.
    Raises UserError in one line for what is wrong.

    >>> from twin.lab import run
    >>> done = run(days=0.1, surrogate="ewma", report=False)
    >>> done.run["status"], len(done.kpi_history) > 0
    ('finished', True)
    """
    from twin.lab.configure.resolve import written
    from twin.lab.interactive.making import build
    from twin.lab.record.loading import load
    from twin.lab.running.execute import directory
    from twin.lab.running.session import Session

    made = build(scenario, out=None if out is None else str(out), **choices)
    config = made.config | {"verdict": None}
    path = directory(config)
    Session(
        path=path,
        text=written(config),
        config=config,
        on=made.device,
        plant=made.plant,
        twin=made.twin,
        swept=True,
    ).carry_out()
    return load(path)
