"""The line as a value: it can be forked, reseeded, saved and restored."""

from __future__ import annotations

import gc
import subprocess
import sys
from types import FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.kernel import Kernel
from sim.plants.production_line import ProductionLine
from sim.units import DAY
from tests.sim.line.lines import CONF, LOSSY, busy_shop, record, serial, shop

few = settings(max_examples=15, deadline=None)


@few
@given(st.floats(0.0, 1.0), st.integers(0, 1000))
def test_a_fork_at_any_time_has_the_same_future(days: float, seed: int) -> None:
    plant = busy_shop(seed, days)
    fork, other = plant.fork(), ProductionLine.restore(plant.snapshot())
    futures = [record(p, plant.now + 7200.0) for p in (fork, other, plant)]
    assert futures[0] == futures[1] == futures[2]


def test_advancing_in_other_steps_changes_nothing() -> None:
    one, many = shop(network=LOSSY), shop(network=LOSSY)
    assert sorted(record(one, 6 * 3600.0, 6 * 3600.0)[0]) == sorted(record(many, 6 * 3600.0, 100.0)[0])


def test_a_reseeded_fork_has_another_future_and_leaves_the_first_alone() -> None:
    plant = busy_shop(days=0.3)
    same, future = plant.fork(), record(plant.fork(), plant.now + DAY)
    others = [record(plant.fork(reseed=n), plant.now + DAY) for n in (1, 2, 1)]
    assert others[0] != future
    assert others[0] != others[1]
    assert others[0] == others[2]
    assert record(same, plant.now + DAY) == future


def test_a_reseeded_fork_keeps_the_present() -> None:
    plant = busy_shop(days=0.3)
    now, then = plant.truth(), plant.fork(reseed=5).truth()
    assert now["state"] == then["state"]
    assert now["rate"] == then["rate"]
    assert now["life"] == then["life"]
    assert now["threshold"] != then["threshold"]
    assert all(
        then["wear"][name] <= now["wear"][name] + 1e-12 for name in now["wear"]
    )  # work not yet done is taken back


def test_a_snapshot_goes_on_in_another_process(tmp_path: Any) -> None:
    plant = busy_shop(days=0.2)
    (tmp_path / "plant").write_bytes(plant.snapshot())
    script = (
        "import sys; from pathlib import Path; from sim.plants.production_line import ProductionLine;"
        "from tests.sim.line.lines import busy_shop, record;"
        "p = ProductionLine.restore(Path(sys.argv[1]).read_bytes());"
        "print(repr(record(p, p.now + 7200.0)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "plant")],
        capture_output=True,
        text=True,
        check=True,
        cwd=CONF.parent,
    )
    assert run.stdout.strip() == repr(record(plant, plant.now + 7200.0))


def test_restore_refuses_a_kernel_without_a_line() -> None:
    from sim.engine.sealing import seal

    with pytest.raises(ValueError, match="snapshot: holds NoneType"):
        ProductionLine.restore(seal(Kernel().save()))


def test_nothing_in_the_plant_reaches_outside() -> None:
    plant = busy_shop(days=0.1)
    seen: dict[int, Any] = {}
    todo: list[Any] = [plant]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, type | ModuleType | FunctionType):
            continue
        seen[id(thing)] = thing
        todo += gc.get_referents(thing)
    homes = {type(thing).__module__.split(".")[0] for thing in seen.values()}
    assert homes <= {"sim", "simpy", "numpy", "builtins", "collections", "itertools", "types", "functools"}, homes
    assert not [thing for thing in seen.values() if isinstance(thing, GeneratorType)]
    owners = {type(thing.__self__).__module__.split(".")[0] for thing in seen.values() if isinstance(thing, MethodType)}
    assert owners == {"sim"}


def test_five_hundred_stations_fork_without_recursion() -> None:
    plant = serial([{"law": "exponential", "mean": 6.0}] * 500, buffer=2)
    plant.advance(3000.0)
    fork = plant.fork()
    plant.advance(4000.0)
    fork.advance(4000.0)
    assert plant.kpis() == fork.kpis()
