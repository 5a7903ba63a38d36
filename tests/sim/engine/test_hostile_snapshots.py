"""Snapshots that name code, or lie about memory: refused, and nothing is executed or imported."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine.kernel import Component, Kernel
from tests.lab.hostile import Bomb, Trap

FUNCTIONS = (
    "builtins.eval builtins.exec builtins.getattr builtins.__import__ builtins.open builtins.type builtins.setattr "
    "os.system posix.system subprocess.Popen importlib.import_module runpy.run_path operator.attrgetter "
    "functools.partial functools.reduce types.FunctionType copyreg._reconstructor codecs.encode pickle.loads "
    "shutil.rmtree pathlib.Path _io.open numpy.load numpy.save numpy.loadtxt numpy.fromfile numpy.ndarray "
    "numpy.memmap numpy.frombuffer numpy.vectorize numpy.apply_along_axis numpy.lib.npyio.load "
    "numpy.f2py.compile numpy.testing.rundocs numpy.ctypeslib.load_library numpy.random._pickle.__generator_ctor "
    "numpy._core.multiarray._reconstruct numpy.core.multiarray._reconstruct numpy._core.records.fromfile "
    "scipy.io.loadmat scipy.LowLevelCallable scipy.stats.rv_continuous scipy.optimize.brentq simpy.Environment "
    "simpy.rt.RealtimeEnvironment simpy.events.Process pandas.read_pickle pandas.eval torch.load torch.hub.load "
    "hydra.utils.instantiate yaml.unsafe_load twin.lab.cli.main twin.lab.core.build.plant_of sim.engine.kernel.pickle "
    "sim.engine.flat_pickle._reduce_method sim.engine.plain_arrays.np sim.engine.kernel.heappop hostile.Plant"
)


def named(name: str) -> bytes:
    """A pickle that calls what bears this name, with one argument."""
    module, _, attribute = name.rpartition(".")
    words = b"".join(b"\x8c" + bytes([len(word)]) + word.encode() for word in (module, attribute, "executed"))
    return b"\x80\x04" + words[: len(words) - 10] + b"\x93" + words[len(words) - 10 :] + b"\x85R."


@pytest.mark.parametrize("name", FUNCTIONS.split())
def test_what_is_no_part_of_a_plant_is_not_even_looked_up(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = Trap(tmp_path, monkeypatch)
    loaded = set(sys.modules)
    for data in (named(name), pickle.dumps([(Component, "plant")]) + named(name)):
        with pytest.raises(ValueError, match=r"^snapshot: .*(names|is not a component)") as caught:
            Kernel.load(data)
        assert "\n" not in str(caught.value)
    assert set(sys.modules) == loaded, "nothing was imported"
    trap.assert_quiet()


def test_a_module_of_the_plants_package_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = Trap(tmp_path, monkeypatch)
    with pytest.raises(ValueError, match=r"names hostile\.Plant"):
        Kernel.load(named("hostile.Plant"), ("hostile",))
    trap.assert_quiet()


class Forged:
    """Pickles into numpy's own ways to make an array, and then sets its state."""

    def __init__(self, call: Any, arguments: tuple[Any, ...], state: Any = None) -> None:
        self.reduced = (call, arguments, state)

    def __reduce__(self) -> Any:
        return self.reduced


from_buffer: Any = np._core.numeric._frombuffer  # type: ignore[attr-defined]
scalar: Any = np._core.multiarray.scalar  # type: ignore[attr-defined]
OBJECTS_UNSEEN = Forged(np.dtype, ("V8", False, True), (3, "|", None, ("a",), {"a": (np.dtype("O"), 0)}, 8, 1, 0))
MEMORY = {
    "an array over bytes taken for objects": Forged(np.ndarray, ((1,), np.dtype("O"), b"A" * 8)),
    "objects from a buffer": Forged(from_buffer, (b"A" * 8, np.dtype("O"), (1,), "C")),
    "objects that the dtype hides": Forged(from_buffer, (b"A" * 8, OBJECTS_UNSEEN, (1,), "C")),
    "a field far away": Forged(
        from_buffer,
        (
            b"A" * 8,
            Forged(np.dtype, ("V8",), (3, "|", None, ("a",), {"a": (np.dtype("f8"), 10**6)}, 8, 1, 0)),
            (1,),
            "C",
        ),
    ),
    "a scalar that the dtype hides": Forged(scalar, (OBJECTS_UNSEEN, b"A" * 8)),
    "an array's memory": Forged(from_buffer, (np.zeros(3), np.dtype("i8"), (3,), "C")),
    "too few bytes": Forged(from_buffer, (b"A" * 8, np.dtype("f8"), (2,), "C")),
    "a scalar of too few bytes": Forged(scalar, (np.dtype("f8"), b"A")),
    "a dtype's name": Forged(from_buffer, (b"A" * 8, "O", (1,), "C")),
    "another state": Forged(from_buffer, (b"A" * 8, np.dtype("f8"), (1,), "C"), (1, (9,), np.dtype("f8"), False, b"")),
}


@pytest.mark.parametrize("what", MEMORY)
def test_an_array_cannot_lie_about_its_memory(what: str) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        Kernel.load(pickle.dumps([(Component, "plant")], 5) + pickle.dumps(MEMORY[what], 5))


class Store(Component):
    """A component with arrays of every kind that a snapshot may hold."""

    def __init__(self, kernel: Kernel, **fields: Any) -> None:
        super().__init__(kernel, "store")
        self.__dict__.update(fields)


VALUES = {
    "numbers": np.arange(6.0),
    "turned": np.arange(6.0).reshape(2, 3).T,
    "every other": np.arange(6)[::2],
    "big end first": np.arange(3, dtype=">i4"),
    "truth": np.array([True, False]),
    "words": np.array(["saw", "lathe"]),
    "none": np.zeros((0, 4), np.float32),
    "one": np.float64(0.1),
    "a word": np.str_("saw"),
    "objects": np.array([1, "two", None, [3]], dtype=object),
    "a kind": np.dtype("f4"),
}


def test_what_a_plant_holds_comes_back_as_it_was() -> None:
    Store(kernel := Kernel(), **{f"field_{number}": value for number, value in enumerate(VALUES.values())})
    for back in (kernel.copy(), Kernel.load(kernel.save(), (__name__.split(".")[0],))):
        found = vars(back.components["store"])
        for number, value in enumerate(VALUES.values()):
            other = found[f"field_{number}"]
            assert type(other) is type(value)
            assert getattr(other, "dtype", other) == getattr(value, "dtype", value)
            assert np.array_equal(other, value) if isinstance(value, np.ndarray) else other == value


def test_an_array_that_could_not_be_read_again_is_told_of_when_it_is_saved() -> None:
    kernel = Kernel()
    Store(kernel, rows=np.zeros(2, dtype=[("time", "f8"), ("value", "f4")]))
    assert kernel.copy().components["store"].__dict__["rows"].dtype.names == ("time", "value")
    with pytest.raises(ValueError, match="cannot be saved"):
        kernel.save()


def test_the_trap_would_go_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = Trap(tmp_path, monkeypatch)
    pickle.loads((tmp_path / "bomb.pickle").read_bytes())
    assert trap.mark.exists()
    trap.mark.unlink()
    __import__("hostile")
    assert trap.mark.exists()
    monkeypatch.delitem(sys.modules, "hostile")
    with pytest.raises(AssertionError):
        trap.assert_quiet()
    assert Bomb(len, "abc").__reduce__() == (len, ("abc",))
