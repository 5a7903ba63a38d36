"""Freeze line, policies and references: writes conf/frozen.yaml from the commit that is checked out.

    python scripts/freeze.py          freeze HEAD: new test seeds; what was scored before stays in the record
    python scripts/freeze.py hashes   the same commit and seeds, hashes anew: for a change of words or speed after which
                                      every figure of the record is as it was

Commit the file afterwards. tests/test_frozen.py fails from then on where a frozen file is touched.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from twin.lab.errors import UserError  # noqa: E402
from twin.lab.record.frozen import FILE, first_seed, frozen, sha256  # noqa: E402
from twin.lab.tune.replication import replicate  # noqa: E402

# Configurations of the line with and without drift, what is compared on them, and the code of policies and references.
FILES = (
    "conf/plant/cells*.yaml",
    "conf/scenario/manufacturing*.yaml",
    "conf/policy/run_to_failure.yaml",
    "conf/policy/age_based.yaml",
    "conf/policy/condition_based.yaml",
    "conf/policy/cells_*.yaml",
    "conf/policy/privileged_full_state.yaml",
    "conf/policy/privileged_threshold.yaml",
    "conf/experiment/headroom.yaml",
    "conf/experiment/drift.yaml",
    "conf/tuned/cells_*.json",
    "twin/policies/base.py",
    "twin/policies/maintenance/*.py",
    "twin/policies/setpoints/standing.py",
    "twin/lab/core/privileged/condition.py",
    "twin/lab/core/privileged/full_state.py",
    "twin/lab/core/privileged/speeds.py",
    "twin/lab/core/privileged/threshold.py",
)
LEARNED = ("twin/policies/maintenance/predictive.py",)  # what is to be improved
# The plant's code may become faster, so it is held by what it does.
RUNS = (
    "scenario=manufacturing policy=cells_thresholds surrogate=none days=3",
    "scenario=manufacturing policy=cells_ages surrogate=none days=3",
    "scenario=manufacturing policy=cells_reference surrogate=none days=3",
    "scenario=manufacturing plant=cells_changed policy=cells_thresholds surrogate=none days=3",
)
SEED = 9000
FIGURE = "profit_per_hour"


def figures() -> dict[str, float]:
    """What the runs of the record come to now."""
    try:
        return {run: replicate(run.split(), SEED, FIGURE) for run in RUNS}
    except UserError as error:
        raise SystemExit(f"freeze: {error}") from None


def hashes() -> dict[str, str]:
    """SHA-256 of each frozen file, by its path. Nothing is frozen by halves: each pattern stands for a file or more."""
    if nothing := [pattern for pattern in FILES if not list(ROOT.glob(pattern))]:
        raise SystemExit(f"freeze: there is no {', no '.join(nothing)}")
    paths = sorted({path for pattern in FILES for path in ROOT.glob(pattern)})
    return {name: sha256(path) for path in paths if (name := path.relative_to(ROOT).as_posix()) not in LEARNED}


def main(arguments: list[str]) -> None:
    """See the module."""
    before = frozen()
    if arguments == ["hashes"]:
        if before.commit is None:
            raise SystemExit("freeze: nothing is frozen yet")
        if figures() != dict(before.figures):
            raise SystemExit("freeze: the line no longer does what was frozen; freeze anew, with new test seeds")
        after = replace(before, files=hashes())
    elif arguments:
        raise SystemExit(__doc__)
    else:
        if subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=True).stdout:
            raise SystemExit("freeze: commit first: the test seeds are derived from the commit")
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, check=True, text=True)
        after = replace(before, commit=head.stdout.strip(), files=hashes(), figures=figures())
    FILE.write_text(after.text(), encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)}: {len(after.files)} files, first test seed {first_seed(str(after.commit))}")


if __name__ == "__main__":
    main(sys.argv[1:])
