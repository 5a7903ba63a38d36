"""tandem check plant=NAME|FILE.yaml | policy=NAME|CLASS | surrogate=NAME|CLASS [key=value ...] [json=FILE]

Whether a plant, a policy or a surrogate keeps to its contract, one line a check; ends with 1 where one fails. The first
argument names what is checked. Every other key=value is laid over what stands beside it (a small line, surrogate=ewma,
policy=run_to_failure), as in `tandem run`. A policy is checked on the first plant that it can run, unless plant= is
given.

  tandem check plant=corridor
  tandem check plant=mine.yaml                            a plant file of your own, as plant.file= in `tandem run`
  tandem check plant=pump.yaml trust=my_module             one whose class is yours, see tandem run --help
  tandem check policy=webster plant=crossing
  tandem check policy=my_module.MyPolicy policy.limit=2    a class of your own; its folder must be in PYTHONPATH
  tandem check surrogate=my_module.MySurrogate
"""

from __future__ import annotations

import os
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> None:
    """Print a line for every check; exit with 1 where one fails."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is loaded, as in a run
    import torch

    from twin.lab.check.finding import FAILED
    from twin.lab.check.subject import subject
    from twin.lab.check.suite import check
    from twin.lab.record.json_rows import write_rows

    torch.set_num_threads(1)
    files = [a.partition("=")[2] for a in arguments if a.startswith("json=")]
    checked = subject([a for a in arguments if not a.startswith("json=")])
    rows = []
    for finding in check(checked):
        print(f"{finding.verdict:8s}{finding.title}{': ' if finding.why else ''}{finding.why}", flush=True)
        rows.append(
            {
                "kind": checked.kind,
                "name": checked.name,
                "check": finding.title,
                "verdict": finding.verdict,
                "why": finding.why,
            }
        )
    write_rows(files[-1] if files else None, rows)
    if any(row["verdict"] == FAILED for row in rows):
        raise SystemExit(1)
