"""Any key, any value: one line that says what is allowed, or a run; and unusual plants that are legal."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
import yaml

from tests.lab.configure.fuzz.bases import BASES, base, share
from tests.lab.configure.fuzz.legal import LEGAL
from tests.lab.configure.fuzz.mutations import GROUPS, changed, drawn, told
from tests.lab.configure.fuzz.verdict import fault, run
from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import resolved

MANY = 10_400  # changes in all; a few fall away, where one has removed the place of another
SEED = os.environ.get("TANDEM_FUZZ_SEED") or str(random.SystemRandom().randrange(10**9))


def faults(name: str, count: int, seed: str) -> list[str]:
    """A line for each change of a base after which something is wrong."""
    found, config = [], base(name)
    for changes in drawn(config, random.Random(f"{seed} {name}"), count):
        again = changed(config, changes)
        wrong = None if again is None else fault(again, changes)
        if wrong:
            found.append(f"{told(changes)}: {wrong}")
    return found


@pytest.mark.parametrize("name", BASES)
def test_a_few_changes_of_every_base(name: str) -> None:
    assert not faults(name, 6, "fixed")


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_ten_thousand_changes_in_all(group: str) -> None:
    """TANDEM_FUZZ_SEED repeats a failure."""
    names = [name for name in BASES if name.startswith(f"{group}=")]
    found = [f"{name}: {line}" for name in names for line in faults(name, share(name, MANY), SEED)]
    assert not found, f"TANDEM_FUZZ_SEED={SEED}:\n" + "\n".join(found)


@pytest.mark.parametrize("name", LEGAL)
def test_unusual_and_legal(name: str, tmp_path: Path) -> None:
    file = tmp_path / "plant.yaml"
    file.write_text(yaml.safe_dump(LEGAL[name], allow_unicode=True, sort_keys=False))
    config = resolved(compose("run", [f"plant.file={file}", "surrogate=ewma", "policy=run_to_failure"]))
    run(config)
